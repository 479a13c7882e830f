export { openDatabase, type TestDatabase } from './database.ts'
export * from './domain.ts'
export { type EventuallyOptions, eventually } from './eventually.ts'
export { type Cleanup, type TcpProxy, tcpProxy } from './tcp-proxy.ts'
