"""Stand-ins for hardware: soft PLCs, instruments, plant, real Modbus and OPC UA servers; usable without a test."""
