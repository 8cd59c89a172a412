/* Load client for Modbus TCP servers: epoll, non-blocking, every answer checked.

   modbus_load PORT CONNECTIONS REQUESTS DEPTH PDU_HEX ANSWER_HEX ANSWER_SIZE

   Opens the connections to 127.0.0.1, sends DEPTH requests in one segment on each, and the next DEPTH when all of
   them are answered, until about REQUESTS have been answered in all. An answer must carry the transaction id of its
   request, have ANSWER_SIZE bytes of PDU and begin with ANSWER_HEX. With one connection it waits by looking again and
   again: if it slept, the server would pay for waking it, by luck little or more than for the answer. First it makes every connection exchange one
   request and prints "ready"; it starts when it reads a line. Prints answered requests and nanoseconds of wall time.
   Exit status 1: a wrong answer or a lost connection, told on stderr. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { HEADER = 7, LARGEST = 260, DEEPEST = 64, MOST_READY = 256, DEADLINE_MS = 20000 };

typedef struct {
    int socket;
    uint16_t transaction; /* of the first request of the batch */
    int outstanding;      /* requests sent and not answered yet, in order */
    int depth;
    int received;         /* bytes in buffer */
    uint8_t buffer[DEEPEST * LARGEST];
} connection;

static uint8_t pdu[LARGEST], expected[LARGEST];
static int pdu_size, expected_size, answer_size;

static void fail(const char *what)
{
    fprintf(stderr, "modbus_load: %s\n", what);
    exit(1);
}

static int from_hex(const char *text, uint8_t *bytes)
{
    int size = 0;
    unsigned int byte;
    for (; text[0] && text[1]; text += 2) {
        if (size == LARGEST || sscanf(text, "%2x", &byte) != 1)
            fail("not hexadecimal");
        bytes[size++] = (uint8_t)byte;
    }
    return size;
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void send_batch(connection *c, int depth)
{
    uint8_t batch[DEEPEST * LARGEST];
    int size = 0;
    c->transaction = (uint16_t)(c->transaction + c->depth);
    c->depth = c->outstanding = depth;
    for (int i = 0; i < depth; i++) {
        uint16_t id = (uint16_t)(c->transaction + i);
        uint8_t header[HEADER] = {(uint8_t)(id >> 8), (uint8_t)id, 0, 0, 0, (uint8_t)(1 + pdu_size), 1};
        memcpy(batch + size, header, HEADER);
        memcpy(batch + size + HEADER, pdu, (size_t)pdu_size);
        size += HEADER + pdu_size;
    }
    if (send(c->socket, batch, (size_t)size, MSG_NOSIGNAL) != size)
        fail("a request could not be sent whole");
}

/* Take what has arrived; return how many requests it answers. */
static int take_answers(connection *c)
{
    ssize_t got = recv(c->socket, c->buffer + c->received, sizeof c->buffer - (size_t)c->received, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (got <= 0)
        fail("the server closed a connection");
    c->received += (int)got;
    int position = 0, answered = 0, whole = HEADER + answer_size;
    for (; c->received - position >= whole; position += whole, answered++) {
        const uint8_t *frame = c->buffer + position;
        uint16_t id = (uint16_t)(c->transaction + c->depth - c->outstanding);
        if (!c->outstanding--)
            fail("an answer without a request");
        if (frame[0] != (id >> 8) || frame[1] != (id & 255) || frame[2] || frame[3] || frame[4] ||
            frame[5] != 1 + answer_size || frame[6] != 1 || memcmp(frame + HEADER, expected, (size_t)expected_size))
            fail("a wrong answer");
    }
    c->received -= position;
    memmove(c->buffer, c->buffer + position, (size_t)c->received);
    return answered;
}

static int wait_for_answers(int epoll, struct epoll_event *events, int sleeps)
{
    int64_t end_ns = now_ns() + DEADLINE_MS * 1000000LL;
    int ready;
    do
        ready = epoll_wait(epoll, events, MOST_READY, sleeps ? DEADLINE_MS : 0);
    while (!ready && now_ns() < end_ns);
    if (ready <= 0)
        fail("no answer before the deadline");
    return ready;
}

static int64_t run(int epoll, connection *connections, int count, int64_t requests, int depth)
{
    struct epoll_event events[MOST_READY];
    int64_t sent = 0, answered = 0;
    for (int i = 0; i < count; i++, sent += depth)
        send_batch(&connections[i], depth);
    while (answered < sent) {
        int ready = wait_for_answers(epoll, events, count > 1);
        for (int i = 0; i < ready; i++) {
            connection *c = events[i].data.ptr;
            answered += take_answers(c);
            if (!c->outstanding && sent < requests) {
                send_batch(c, depth);
                sent += depth;
            }
        }
    }
    return answered;
}

static void open_connection(connection *c, int epoll, int port_number)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port_number)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int on = 1;
    c->socket = socket(AF_INET, SOCK_STREAM, 0);
    if (c->socket < 0 || connect(c->socket, (struct sockaddr *)&address, sizeof address))
        fail("cannot connect");
    setsockopt(c->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(c->socket, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(epoll, EPOLL_CTL_ADD, c->socket, &event);
}

int main(int argc, char **argv)
{
    if (argc != 8)
        fail("PORT CONNECTIONS REQUESTS DEPTH PDU_HEX ANSWER_HEX ANSWER_SIZE");
    int count = atoi(argv[2]), depth = atoi(argv[4]);
    int64_t requests = atoll(argv[3]);
    pdu_size = from_hex(argv[5], pdu);
    expected_size = from_hex(argv[6], expected);
    answer_size = atoi(argv[7]);
    if (count < 1 || count > 4000 || depth < 1 || depth > DEEPEST || requests > 10000000)
        fail("out of bounds");
    int epoll = epoll_create1(0);
    connection *connections = calloc((size_t)count, sizeof *connections);
    for (int i = 0; i < count; i++)
        open_connection(&connections[i], epoll, atoi(argv[1]));
    run(epoll, connections, count, 0, 1);
    puts("ready");
    fflush(stdout);
    if (getchar() == EOF)
        return 0;
    int64_t start_ns = now_ns();
    int64_t answered = run(epoll, connections, count, requests, depth);
    printf("%lld %lld\n", (long long)answered, (long long)(now_ns() - start_ns));
    fflush(stdout);
    getchar(); /* keep the connections until the processor time of the server has been read */
    return 0;
}
