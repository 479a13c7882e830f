import { openPool, type PoolOptions } from '@commitments/event-store'
import { type TcpProxy, tcpProxy } from '@commitments/test-kit'
import type { Test } from 'tap'
import { type Ledger, openLedger, type ServiceOptions, startService, type TestService } from '../support.ts'

export interface FaultyService extends TestService {
  readonly ledger: Ledger
  /** On the only route from the service to its database; the ledger itself is written to directly. */
  readonly proxy: TcpProxy
}

/** The projection service, with a proxy to its database that can simulate faults. */
export async function openBehindProxy(
  t: Test,
  { answerWithin, ...options }: ServiceOptions & Pick<PoolOptions, 'answerWithin'> = {},
): Promise<FaultyService> {
  const ledger = await openLedger(t)
  const proxy = await tcpProxy(t, { port: Number(new URL(ledger.database.url).port) })
  const url = proxy.through(ledger.database.url)
  const pool = openPool(url, {
    ledger: 'commitments',
    role: 'projection',
    max: 8,
    ...(answerWithin && { answerWithin }),
  })
  // After the service, which is closed by a later teardown.
  t.teardown(() => pool.end())
  const service = await startService(t, ledger, { url, pool, ...options })
  return { ...service, ledger, proxy }
}
