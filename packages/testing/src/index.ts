export { FakeClock, settle } from "./fake-clock.js";
export { createMemoryNetwork, type MemoryNetwork } from "./memory-transport.js";
export { RawPeer } from "./raw-peer.js";
export { RawServer } from "./raw-server.js";
export { encodeWebSocketFrame, opcodes, RawWebSocket, type WebSocketFrame } from "./raw-web-socket.js";
