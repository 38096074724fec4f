/// The tables and views of a capture's database.
///
/// Changes of state are most of the rows. Their table is narrow, and in the order of the connections, each of which knows
/// its first one: that takes half the time and the space of a table with a key of connection and ordinal. The view
/// `transition` has the columns that queries need; its joins go from a connection to its rows.
enum Schema {
    /// `PRAGMA user_version`: raised with each change of a table or view.
    static let version = 3
    /// `PRAGMA application_id`: "wire" in ASCII.
    static let application = 0x7769_7265

    /// Made before the rows.
    ///
    /// The page cache is small: rows are only added, and the memory of a page that is written serves the next one. An
    /// index of more than 250 pages (`SQLITE_SORTER_PMASZ`) is sorted by other threads (`threads`).
    static let tables = """
        PRAGMA page_size = 16384;
        PRAGMA journal_mode = OFF;
        PRAGMA synchronous = OFF;
        PRAGMA locking_mode = EXCLUSIVE;
        PRAGMA cache_size = -1024;
        PRAGMA threads = 1;
        PRAGMA application_id = \(application);
        PRAGMA user_version = \(version);
        BEGIN;
        CREATE TABLE capture(
            id INTEGER PRIMARY KEY, tool TEXT NOT NULL, first_ns INTEGER, last_ns INTEGER,
            frames INTEGER NOT NULL, segments INTEGER NOT NULL, skipped_by_filter INTEGER NOT NULL,
            connections INTEGER NOT NULL, vantage TEXT NOT NULL, dropped INTEGER, evicted INTEGER NOT NULL) STRICT;
        CREATE TABLE file(
            id INTEGER PRIMARY KEY, capture INTEGER NOT NULL REFERENCES capture(id), path TEXT NOT NULL) STRICT;
        CREATE TABLE set_aside(
            capture INTEGER NOT NULL REFERENCES capture(id), reason TEXT NOT NULL, frames INTEGER NOT NULL) STRICT;
        CREATE TABLE connection(
            id INTEGER PRIMARY KEY, capture INTEGER NOT NULL REFERENCES capture(id),
            key TEXT NOT NULL, community_id TEXT NOT NULL, stream INTEGER NOT NULL,
            client TEXT NOT NULL, client_port INTEGER NOT NULL,
            server TEXT NOT NULL, server_port INTEGER NOT NULL, roles_known INTEGER NOT NULL,
            first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL,
            first_file INTEGER NOT NULL REFERENCES file(id), first_frame INTEGER NOT NULL,
            last_file INTEGER NOT NULL REFERENCES file(id), last_frame INTEGER NOT NULL,
            client_state TEXT NOT NULL, server_state TEXT NOT NULL, close_cause TEXT NOT NULL, closer TEXT,
            completeness INTEGER NOT NULL,
            client_packets INTEGER NOT NULL, client_bytes INTEGER NOT NULL, client_payload INTEGER NOT NULL,
            client_syn INTEGER NOT NULL, client_fin INTEGER NOT NULL, client_rst INTEGER NOT NULL,
            client_retransmissions INTEGER NOT NULL, client_grade TEXT NOT NULL,
            server_packets INTEGER NOT NULL, server_bytes INTEGER NOT NULL, server_payload INTEGER NOT NULL,
            server_syn INTEGER NOT NULL, server_fin INTEGER NOT NULL, server_rst INTEGER NOT NULL,
            server_retransmissions INTEGER NOT NULL, server_grade TEXT NOT NULL,
            first_transition INTEGER NOT NULL, transitions INTEGER NOT NULL) STRICT;
        CREATE TABLE transition_kind(
            id INTEGER PRIMARY KEY, endpoint TEXT NOT NULL, from_state TEXT NOT NULL, to_state TEXT NOT NULL,
            grade TEXT NOT NULL, timer TEXT) STRICT;
        CREATE TABLE transition_row(
            id INTEGER PRIMARY KEY, ts_ns INTEGER NOT NULL, since_not_before_ns INTEGER, until_not_after_ns INTEGER,
            kind INTEGER NOT NULL REFERENCES transition_kind(id), frame INTEGER NOT NULL) STRICT;
        CREATE VIEW transition AS
            SELECT connection.id AS connection, transition_row.id - first_transition AS ordinal, ts_ns,
                ts_ns - since_not_before_ns AS not_before_ns, ts_ns + until_not_after_ns AS not_after_ns,
                endpoint, from_state, to_state, grade,
                (frame >> 48 & 0xffff) + 1 AS file, frame & 0xffffffffffff AS frame, timer
            FROM connection
            CROSS JOIN transition_row
                ON transition_row.id BETWEEN first_transition AND first_transition + transitions - 1
            CROSS JOIN transition_kind ON transition_kind.id = kind;
        CREATE TABLE finding(
            id INTEGER PRIMARY KEY, capture INTEGER NOT NULL REFERENCES capture(id), diagnosis TEXT NOT NULL,
            severity TEXT NOT NULL, fault TEXT NOT NULL, grade TEXT NOT NULL, service TEXT,
            count INTEGER NOT NULL, oldest_ns INTEGER NOT NULL, newest_ns INTEGER NOT NULL,
            title TEXT NOT NULL, sentence TEXT NOT NULL, filter TEXT NOT NULL) STRICT;
        CREATE TABLE finding_connection(
            finding INTEGER NOT NULL REFERENCES finding(id), connection INTEGER NOT NULL REFERENCES connection(id),
            since_ns INTEGER NOT NULL, frame INTEGER NOT NULL) STRICT;
        CREATE TABLE remedy(
            finding INTEGER NOT NULL REFERENCES finding(id), ordinal INTEGER NOT NULL, text TEXT NOT NULL,
            PRIMARY KEY(finding, ordinal)) STRICT, WITHOUT ROWID;
        CREATE TABLE quality(
            capture INTEGER NOT NULL REFERENCES capture(id), trap TEXT NOT NULL, count INTEGER NOT NULL,
            of INTEGER NOT NULL, effect TEXT NOT NULL) STRICT;
        """

    /// Made after the connections: an index that is built at once costs less than one that grows.
    static let connectionIndex = "CREATE UNIQUE INDEX connection_key ON connection(key, stream);"

    /// Made after all rows.
    static let indices = """
        CREATE INDEX finding_connection_connection ON finding_connection(connection);
        CREATE VIEW netstat AS
            SELECT id AS connection, client AS local, client_port AS local_port, server AS remote,
                server_port AS remote_port, client_state AS state FROM connection
                WHERE client_state NOT IN ('CLOSE', 'LISTEN', 'UNKNOWN')
            UNION ALL
            SELECT id, server, server_port, client, client_port, server_state FROM connection
                WHERE server_state NOT IN ('CLOSE', 'LISTEN', 'UNKNOWN');
        CREATE VIEW close_wait AS SELECT * FROM netstat WHERE state = 'CLOSE_WAIT';
        CREATE VIEW half_closed AS
            SELECT * FROM connection WHERE 'CLOSE_WAIT' IN (client_state, server_state)
                OR 'FIN_WAIT2' IN (client_state, server_state);
        COMMIT;
        """
}
