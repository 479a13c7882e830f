import { once } from 'node:events'
import { createServer } from 'node:net'
import { StartRefused } from './refusals.ts'

/** Reports at once, before a database is created, that a port is not available. */
export async function assertPortFree(host: string, port: number, variable: string): Promise<void> {
  const probe = createServer().listen({ host, port })
  try {
    await once(probe, 'listening')
  } catch (cause) {
    throw new StartRefused(`${explain(cause, host, port)} Set ${variable} to another port.`, { cause })
  }
  probe.close()
  await once(probe, 'close')
}

function explain(cause: unknown, host: string, port: number): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : cause
  if (code === 'EADDRINUSE') return `Port ${port} on ${host} is used by another program.`
  return `Port ${port} on ${host} cannot be had (${String(code)}).`
}
