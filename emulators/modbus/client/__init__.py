"""The client's side of a Modbus link without a socket: requests, frames, and a scan with time-outs and retries."""
