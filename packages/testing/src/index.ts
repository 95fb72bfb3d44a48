export { FakeClock, settle } from "./fake-clock.js";
export type { ProxiedConnection } from "./fault-proxy/connection.js";
export { createFaultProxy, type FaultProxy, type FaultProxyOptions } from "./fault-proxy/fault-proxy.js";
export type { AcceptPolicy, Direction, FaultRule } from "./fault-proxy/rule.js";
export { createMemoryNetwork, type MemoryNetwork } from "./memory-transport.js";
export { RawPeer } from "./raw-peer.js";
export { RawServer } from "./raw-server.js";
export { encodeWebSocketFrame, opcodes, RawWebSocket, type WebSocketFrame } from "./raw-web-socket.js";
