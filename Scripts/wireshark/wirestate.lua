-- Shows the TCP states of both ends in Wireshark and tshark, as fields, filters and columns.
--
--   wirestate transitions --json CAPTURE > t.jsonl
--   wirestate report --json --all CAPTURE > r.jsonl          (optional: for wirestate.finding)
--   WIRESTATE_TRANSITIONS=t.jsonl WIRESTATE_REPORT=r.jsonl tshark -X lua_script:wirestate.lua -r CAPTURE \
--       -Y 'wirestate.server == "CLOSE_WAIT"'
--
-- Fields: wirestate.client and wirestate.server are the states after the frame, wirestate.change lists the changes
-- that the frame shows, wirestate.finding the ids of the findings of the frame's connection.
-- One capture file at a time: frames are found by number.

local protocol = Proto("wirestate", "TCP states of both ends (wirestate)")
local fields = {
    client = ProtoField.string("wirestate.client", "State of the client"),
    server = ProtoField.string("wirestate.server", "State of the server"),
    change = ProtoField.string("wirestate.change", "Change of state"),
    finding = ProtoField.string("wirestate.finding", "Finding"),
}
protocol.fields = { fields.client, fields.server, fields.change, fields.finding }

-- The lines of the file that an environment variable names; none where it is not set.
local function lines(variable)
    local path = os.getenv(variable)
    if not path or path == "" then return function() end end
    local file, problem = io.open(path)
    if not file then error(variable .. ": " .. problem .. ": check the path") end
    return file:lines()
end

-- The states after each frame that shows a change, in the order of the frames: by stream.
local timelines, changes = {}, {}
for line in lines("WIRESTATE_TRANSITIONS") do
    local frame, stream = tonumber(line:match('"frame":(%d+)')), tonumber(line:match('"stream":(%d+)'))
    local endpoint, grade = line:match('"endpoint":"(%a+)"'), line:match('"grade":"(%a+)"')
    local from, to = line:match('"from":"([^"]+)"'), line:match('"to":"([^"]+)"')
    if frame and stream and endpoint and to then
        local timeline = timelines[stream] or {}
        timelines[stream] = timeline
        timeline[#timeline + 1] =
            { frame = frame, order = #timeline, endpoint = endpoint, from = from, to = to }
        local text = endpoint .. " " .. from .. " -> " .. to .. " " .. grade
        local key = frame .. "/" .. stream
        changes[key] = changes[key] and changes[key] .. "; " .. text or text
    end
end
for _, timeline in pairs(timelines) do
    table.sort(timeline, function(a, b)
        if a.frame ~= b.frame then return a.frame < b.frame end
        return a.order < b.order
    end)
end

local findings = {}
for line in lines("WIRESTATE_REPORT") do
    local name = line:match('"diagnosis":"([%w-]+)"')
    if name then
        for stream in line:gmatch('"stream":(%d+)') do
            local known = findings[tonumber(stream)]
            findings[tonumber(stream)] = known and known .. ", " .. name or name
        end
    end
end

-- The state of an end after a frame: that of its last change up to there, or the one before its first.
local function state(timeline, endpoint, frame)
    local found
    for _, change in ipairs(timeline or {}) do
        if change.endpoint == endpoint then
            if change.frame > frame then return found or change.from end
            found = change.to
        end
    end
    return found
end

local streamField = Field.new("tcp.stream")

function protocol.dissector(_, packet, tree)
    local value = streamField()
    if not value then return end
    local stream, frame = value.value, packet.number
    local timeline = timelines[stream]
    local client, server = state(timeline, "client", frame), state(timeline, "server", frame)
    local finding = findings[stream]
    if not (client or server or finding) then return end
    local branch = tree:add(protocol)
    if client then branch:add(fields.client, client) end
    if server then branch:add(fields.server, server) end
    local change = changes[frame .. "/" .. stream]
    if change then branch:add(fields.change, change) end
    if finding then branch:add(fields.finding, finding) end
end

register_postdissector(protocol)
