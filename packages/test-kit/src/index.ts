export { openDatabase, type TestDatabase } from './database.ts'
export { type EventuallyOptions, eventually } from './eventually.ts'
export * from './domain.ts'
export { type Cleanup, type TcpProxy, tcpProxy } from './tcp-proxy.ts'
