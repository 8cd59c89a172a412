/* libmodbus as the device of tests/support/modbus_rows.py; prints its port and version, serves one connection. */
#include <arpa/inet.h>
#include <modbus.h>
#include <stdio.h>
#include <sys/socket.h>

int main(void) {
    modbus_t *context = modbus_new_tcp("127.0.0.1", 0);
    int listener = modbus_tcp_listen(context, 1);
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    if (listener < 0 || getsockname(listener, (struct sockaddr *)&address, &size)) return 1;
    modbus_mapping_t *cells = modbus_mapping_new(3000, 3000, 200, 200);
    for (int at = 0; at < 3000; at++) {
        cells->tab_bits[at] = at % 3 == 0;
        cells->tab_input_bits[at] = at % 5 == 0;
    }
    for (int at = 0; at < 200; at++) {
        cells->tab_registers[at] = 0x0100 + at;
        cells->tab_input_registers[at] = 0x0200 + at;
    }
    printf("%d %s\n", ntohs(address.sin_port), LIBMODBUS_VERSION_STRING);
    fflush(stdout);
    modbus_set_response_timeout(context, 0, 1000); /* it waits for this long before it refuses a request */
    if (modbus_tcp_accept(context, &listener) < 0) return 1;
    for (;;) {
        uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
        int length = modbus_receive(context, query);
        if (length < 0) break;
        if (length > 0) modbus_reply(context, query, length, cells);
    }
    modbus_close(context);
    return 0;
}
