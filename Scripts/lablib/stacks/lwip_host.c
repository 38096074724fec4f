/* A host whose TCP is lwIP's, on a packet socket, with an exact log of its state changes.
 *
 * usage: lwip_host INTERFACE IPV4 IPV6 LOG
 *
 * One thread does everything: a frame, a timer or a command is handled, then the lists of
 * connections are compared with what they were before. Commands on standard input:
 *   L PORT           listen            C ID ADDRESS PORT  connect
 *   S ID BYTES       send              F ID               stop sending
 *   X ID             close             A ID               abort
 *   H ID             read no more
 * Events on standard output: "a ID ADDRESS PORT" accepted, "c ID" connected,
 * "r ID BYTES" received, "e ID" the peer's FIN, "x ID" gone.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lwip/etharp.h"
#include "lwip/ethip6.h"
#include "lwip/init.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/tcp.h"
#include "lwip/timeouts.h"
#include "netif/ethernet.h"

#define FRAME 2048
#define ENDS 4096
#define ETHERTYPE_ALL 3

static const char *names[] = {"CLOSED",      "LISTEN",      "SYN_SENT",   "SYN_RECV",
                              "ESTABLISHED", "FIN_WAIT1",   "FIN_WAIT2",  "CLOSE_WAIT",
                              "CLOSING",     "LAST_ACK",    "TIME_WAIT"};

struct end {
    struct tcp_pcb *pcb;
    int id, holds;
};

struct life {
    ip_addr_t local, remote;
    u16_t local_port, remote_port;
    enum tcp_state state;
    int is_alive, is_hidden;
};

static struct end ends[ENDS];
static int end_count, next_accepted = 100000;
static struct life lives[ENDS];
static int life_count;
static int is_packet, has_sent_reset, acknowledges_fin;
static int64_t began;
static FILE *logged;

static int64_t now(void) {
    struct timespec moment;
    clock_gettime(CLOCK_REALTIME, &moment);
    return (int64_t)moment.tv_sec * 1000000000 + moment.tv_nsec;
}

/* The log */

static void write_step(struct life *life, enum tcp_state from, enum tcp_state to, const char *cause) {
    int is_six = IP_IS_V6(&life->local);
    char local[IPADDR_STRLEN_MAX], remote[IPADDR_STRLEN_MAX];
    ipaddr_ntoa_r(&life->local, local, sizeof local);
    ipaddr_ntoa_r(&life->remote, remote, sizeof remote);
    fprintf(logged,
            "{\"local\":\"%s%s%s:%u\",\"remote\":\"%s%s%s:%u\",\"from\":\"%s\",\"to\":\"%s\","
            "\"not_before\":%" PRId64 ",\"not_after\":%" PRId64 ",\"cause\":\"%s\"}\n",
            is_six ? "[" : "", local, is_six ? "]" : "", life->local_port, is_six ? "[" : "",
            remote, is_six ? "]" : "", life->remote_port, names[from], names[to], began, now(),
            cause);
}

/* RFC 9293 checks the acknowledgment before FIN and data; lwIP shows only the last step of a
 * segment. */
static void take_step(struct life *life, enum tcp_state to) {
    enum tcp_state from = life->state;
    const char *cause = "packet";
    life->state = to;
    if (life->is_hidden) return;
    if (from == FIN_WAIT_1 && to == TIME_WAIT) {
        write_step(life, FIN_WAIT_1, FIN_WAIT_2, cause);
        from = FIN_WAIT_2;
    } else if (from == FIN_WAIT_1 && to == CLOSED && has_sent_reset && acknowledges_fin) {
        write_step(life, FIN_WAIT_1, FIN_WAIT_2, cause);
        from = FIN_WAIT_2;
    } else if (from == SYN_RCVD && to == CLOSE_WAIT) {
        write_step(life, SYN_RCVD, ESTABLISHED, cause);
        from = ESTABLISHED;
    } else if (from == ESTABLISHED && to == TIME_WAIT && has_sent_reset) {
        to = CLOSED; /* it only keeps the port for a while */
        life->is_hidden = 1;
    }
    if (to == CLOSED) {
        cause = has_sent_reset ? "rst-out" : !is_packet ? "silent" : from == LAST_ACK ? "ack" : "rst-in";
    }
    write_step(life, from, to, cause);
}

static struct life *find(struct tcp_pcb *pcb) {
    for (int i = 0; i < life_count; i++) {
        struct life *life = &lives[i];
        if (life->is_alive && life->local_port == pcb->local_port &&
            life->remote_port == pcb->remote_port && ip_addr_cmp(&life->remote, &pcb->remote_ip))
            return life;
    }
    return NULL;
}

static void compare(void) {
    static unsigned char seen[ENDS];
    memset(seen, 0, sizeof seen);
    struct tcp_pcb *lists[] = {tcp_active_pcbs, tcp_tw_pcbs};
    for (int list = 0; list < 2; list++)
        for (struct tcp_pcb *pcb = lists[list]; pcb != NULL; pcb = pcb->next) {
            struct life *life = find(pcb);
            if (life == NULL) {
                if (life_count == ENDS) exit(3);
                life = &lives[life_count++];
                memset(life, 0, sizeof *life);
                ip_addr_copy(life->local, pcb->local_ip);
                ip_addr_copy(life->remote, pcb->remote_ip);
                life->local_port = pcb->local_port;
                life->remote_port = pcb->remote_port;
                life->is_alive = 1;
                int is_opener = pcb->state == SYN_SENT;
                life->state = is_opener ? CLOSED : LISTEN;
                take_step(life, is_opener ? SYN_SENT : SYN_RCVD);
            }
            if (life->state != pcb->state) take_step(life, pcb->state);
            seen[life - lives] = 1;
        }
    for (int i = 0; i < life_count; i++)
        if (lives[i].is_alive && !seen[i]) {
            take_step(&lives[i], CLOSED);
            lives[i].is_alive = 0;
        }
}

/* The interface */

static int device;

static err_t transmit(struct netif *netif, struct pbuf *p) {
    char frame[FRAME];
    (void)netif;
    u16_t length = pbuf_copy_partial(p, frame, sizeof frame, 0);
    int is_six = frame[12] == (char)0x86 && frame[13] == (char)0xdd;
    int start = is_six ? 54 : 14 + (frame[14] & 15) * 4;
    int protocol = is_six ? frame[20] : frame[23];
    if (length > start + 13 && protocol == 6 && frame[start + 13] & TCP_RST) has_sent_reset = 1;
    (void)!write(device, frame, length);
    return ERR_OK;
}

static err_t set_up(struct netif *netif) {
    netif->name[0] = 'l';
    netif->name[1] = 'w';
    netif->output = etharp_output;
    netif->output_ip6 = ethip6_output;
    netif->linkoutput = transmit;
    netif->mtu = 1500;
    netif->hwaddr_len = 6;
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
    return ERR_OK;
}

/* Connections */

static struct end *by_id(int id) {
    for (int i = 0; i < end_count; i++)
        if (ends[i].id == id && ends[i].pcb != NULL) return &ends[i];
    return NULL;
}

static void on_error(void *argument, err_t error) {
    (void)error;
    struct end *end = argument;
    if (end == NULL) return;
    end->pcb = NULL;
    printf("x %d\n", end->id);
}

static err_t on_data(void *argument, struct tcp_pcb *pcb, struct pbuf *p, err_t error) {
    (void)error;
    struct end *end = argument;
    compare();
    if (p == NULL) {
        if (end != NULL) printf("e %d\n", end->id);
        return ERR_OK;
    }
    if (end == NULL || !end->holds) tcp_recved(pcb, p->tot_len);
    if (end != NULL) printf("r %d %u\n", end->id, p->tot_len);
    pbuf_free(p);
    return ERR_OK;
}

static err_t on_connected(void *argument, struct tcp_pcb *pcb, err_t error) {
    (void)pcb;
    (void)error;
    compare();
    printf("c %d\n", ((struct end *)argument)->id);
    return ERR_OK;
}

static struct end *add(struct tcp_pcb *pcb, int id) {
    if (end_count == ENDS) exit(3);
    struct end *end = &ends[end_count++];
    end->pcb = pcb;
    end->id = id;
    tcp_arg(pcb, end);
    tcp_recv(pcb, on_data);
    tcp_err(pcb, on_error);
    return end;
}

static err_t on_accept(void *argument, struct tcp_pcb *pcb, err_t error) {
    (void)argument;
    if (error != ERR_OK || pcb == NULL) return ERR_VAL;
    compare();
    struct end *end = add(pcb, next_accepted++);
    printf("a %d %s %u\n", end->id, ipaddr_ntoa(&pcb->remote_ip), pcb->remote_port);
    return ERR_OK;
}

static void obey(const char *line) {
    static char data[65536];
    char kind, address[64];
    int first = 0, second = 0;
    kind = line[0];
    if (kind == 'L') {
        sscanf(line, "L %d", &first);
        struct tcp_pcb *pcb = tcp_new_ip_type(IPADDR_TYPE_ANY);
        tcp_bind(pcb, IP_ANY_TYPE, first);
        tcp_accept(tcp_listen_with_backlog(pcb, 64), on_accept);
        return;
    }
    if (kind == 'C') {
        ip_addr_t peer;
        sscanf(line, "C %d %63s %d", &first, address, &second);
        if (!ipaddr_aton(address, &peer)) return;
        struct tcp_pcb *pcb = tcp_new_ip_type(IP_GET_TYPE(&peer));
        add(pcb, first);
        tcp_connect(pcb, &peer, second, on_connected);
        return;
    }
    sscanf(line + 1, "%d %d", &first, &second);
    struct end *end = by_id(first);
    if (end == NULL) return;
    if (kind == 'S') {
        tcp_write(end->pcb, data, second, TCP_WRITE_FLAG_COPY);
        tcp_output(end->pcb);
    } else if (kind == 'H') {
        end->holds = 1;
    } else if (kind == 'F') {
        tcp_shutdown(end->pcb, 0, 1);
    } else if (kind == 'X') {
        struct tcp_pcb *pcb = end->pcb;
        end->pcb = NULL;
        tcp_arg(pcb, NULL);
        tcp_err(pcb, NULL);
        tcp_recv(pcb, NULL);
        tcp_close(pcb);
    } else if (kind == 'A') {
        struct tcp_pcb *pcb = end->pcb;
        end->pcb = NULL;
        tcp_arg(pcb, NULL);
        tcp_err(pcb, NULL);
        tcp_abort(pcb);
    }
}

static void begin(int packet) {
    began = now();
    acknowledges_fin = 0;
    has_sent_reset = 0;
    is_packet = packet;
}

static void open_device(const char *name, struct netif *netif) {
    struct ifreq request = {0};
    device = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, htons(ETHERTYPE_ALL));
    struct sockaddr_ll place = {.sll_family = AF_PACKET, .sll_protocol = htons(ETHERTYPE_ALL)};
    place.sll_ifindex = if_nametoindex(name);
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    int size = 4 << 20;
    setsockopt(device, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    if (bind(device, (struct sockaddr *)&place, sizeof place) || ioctl(device, SIOCGIFHWADDR, &request))
        exit(3);
    memcpy(netif->hwaddr, request.ifr_hwaddr.sa_data, 6);
}

/* Whether a frame acknowledges the FIN of one of our connections. */
static int covers_fin(const unsigned char *frame, ssize_t length) {
    int is_six = frame[12] == 0x86;
    int tcp = is_six ? 54 : 14 + (frame[14] & 15) * 4;
    if (length < tcp + 20 || frame[is_six ? 20 : 23] != IP_PROTO_TCP) return 0;
    u16_t remote = frame[tcp] << 8 | frame[tcp + 1], local = frame[tcp + 2] << 8 | frame[tcp + 3];
    u32_t number;
    memcpy(&number, frame + tcp + 8, 4);
    for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb != NULL; pcb = pcb->next)
        if (pcb->local_port == local && pcb->remote_port == remote && pcb->state == FIN_WAIT_1)
            return pcb->unsent == NULL && ntohl(number) == pcb->snd_nxt;
    return 0;
}

static void receive(struct netif *netif) {
    char frame[FRAME];
    struct sockaddr_ll from;
    for (;;) {
        socklen_t size = sizeof from;
        ssize_t length = recvfrom(device, frame, sizeof frame, 0, (struct sockaddr *)&from, &size);
        if (length < 0) return;
        if (from.sll_pkttype == PACKET_OUTGOING) continue;
        struct pbuf *p = pbuf_alloc(PBUF_RAW, length, PBUF_RAM);
        if (p == NULL) continue;
        pbuf_take(p, frame, length);
        begin(1);
        acknowledges_fin = covers_fin((unsigned char *)frame, length);
        if (netif->input(p, netif) != ERR_OK) pbuf_free(p);
        compare();
    }
}

int main(int count, char **arguments) {
    struct netif netif = {0};
    ip4_addr_t address, mask, gateway = {0};
    ip6_addr_t six;
    s8_t index;
    if (count != 5) return 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    logged = fopen(arguments[4], "w");
    ip4addr_aton(arguments[2], &address);
    ip4addr_aton("255.255.255.0", &mask);
    ip6addr_aton(arguments[3], &six);
    lwip_init();
    netif_add(&netif, &address, &mask, &gateway, NULL, set_up, ethernet_input);
    open_device(arguments[1], &netif);
    netif_set_default(&netif);
    netif_set_link_up(&netif);
    netif_set_up(&netif);
    netif_add_ip6_address(&netif, &six, &index);
    netif_ip6_addr_set_state(&netif, index, IP6_ADDR_PREFERRED);
    printf("ready\n");
    char text[65536];
    size_t held = 0;
    for (;;) {
        struct pollfd waiting[] = {{.fd = 0, .events = POLLIN}, {.fd = device, .events = POLLIN}};
        u32_t sleep = sys_timeouts_sleeptime();
        poll(waiting, 2, sleep < 20 ? (int)sleep : 20);
        receive(&netif);
        if (waiting[0].revents) {
            ssize_t got = read(0, text + held, sizeof text - held - 1);
            if (got <= 0) break;
            held += got;
            text[held] = 0;
            char *line = text, *end;
            while ((end = strchr(line, '\n')) != NULL) {
                *end = 0;
                begin(0);
                obey(line);
                compare();
                line = end + 1;
            }
            held -= line - text;
            memmove(text, line, held);
        }
        begin(0);
        sys_check_timeouts();
        compare();
    }
    fclose(logged);
    return 0;
}
