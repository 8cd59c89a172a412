/* Modbus TCP server of libmodbus behind epoll, for comparison: as fast as the library lets a program be.

   Listens on a free port of 127.0.0.1, prints the port, serves 1000 cells in each table until it is killed. */
#include <arpa/inet.h>
#include <modbus.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), epoll = epoll_create1(0), on = 1;
    modbus_t *context = modbus_new_tcp("127.0.0.1", 1502);
    modbus_mapping_t *mapping = modbus_mapping_new(1000, 1000, 1000, 1000);
    if (!context || !mapping || bind(listener, (struct sockaddr *)&address, size) || listen(listener, 1024) ||
        getsockname(listener, (struct sockaddr *)&address, &size))
        return 1;
    struct epoll_event wanted = {.events = EPOLLIN, .data.fd = listener}, events[256];
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &wanted);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int ready = epoll_wait(epoll, events, 256, -1);
        for (int i = 0; i < ready; i++) {
            int socket = events[i].data.fd;
            if (socket == listener) {
                struct epoll_event client = {.events = EPOLLIN, .data.fd = accept(listener, NULL, NULL)};
                setsockopt(client.data.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                epoll_ctl(epoll, EPOLL_CTL_ADD, client.data.fd, &client);
                continue;
            }
            uint8_t request[MODBUS_TCP_MAX_ADU_LENGTH];
            modbus_set_socket(context, socket);
            int length = modbus_receive(context, request);
            if (length > 0)
                modbus_reply(context, request, length, mapping);
            else if (length < 0)
                close(socket);
        }
    }
}
