import { setTimeout as sleep } from 'node:timers/promises'
import type { CDPSession } from 'playwright-core'
import { inBrowser } from './support/browser.ts'
import { confirmed } from './support/live.ts'

/** Two minutes, or as many as `npm run soak -- wall` says. */
const { SOAK_MINUTES: soak } = process.env
const minutes = Number(soak ?? 2)
/** A soak tells its figures as often. */
const minutesBetween = 10
/** A busy ledger gets an event a minute; this is fifty times as much. */
const between = 60_000 / 50
const mostGrowth = 10 * 2 ** 20

inBrowser((test) => {
  test('the memory of the wall stays flat at fifty times the usual rate of events', async ({ t, open, product }) => {
    const page = await open('/wall', { viewport: { width: 1_920, height: 1_080 } })
    await page.locator('.wall-state').getByText('live').waitFor()
    const session = await page.context().newCDPSession(page)
    const ids = (await product.client.get('/v1/proposals', { query: { limit: 90 } })).value.proposals.map(
      ({ proposalId }) => proposalId,
    )
    let recorded = 0
    let position = 0
    const recordFor = async (milliseconds: number) => {
      for (const end = Date.now() + milliseconds; Date.now() < end; recorded += 1) {
        ;({ position } = await product.client.recordEvent(ids[recorded % ids.length] as string, confirmed))
        await sleep(between)
      }
    }
    // By then, everything that is kept once is kept.
    await recordFor(30_000)
    const before = await memoryOf(session)
    let after = before
    for (let done = 0; done < minutes; done += minutesBetween) {
      await recordFor(Math.min(minutesBetween, minutes - done) * 60_000)
      await page.getByText(`position ${position}`).waitFor({ timeout: 120_000 })
      after = await memoryOf(session)
      const figures = `${recorded} events in ${Math.min(done + minutesBetween, minutes)} minutes: the heap grew by ${kib(after.bytes - before.bytes)} KiB, from ${kib(before.bytes)}; ${after.nodes} nodes of the page, ${after.listeners} listeners`
      if (soak === undefined) t.comment(figures)
      else process.stderr.write(`${figures}\n`)
    }
    const growth = after.bytes - before.bytes
    t.ok(growth < mostGrowth, `grew by ${growth} bytes`)
    t.ok(after.nodes < before.nodes + 200, `${after.nodes} nodes of the page, before ${before.nodes}`)
    t.ok(after.listeners <= before.listeners + 5, `${after.listeners} listeners, before ${before.listeners}`)
  })
})

function kib(bytes: number): number {
  return Math.round(bytes / 1_024)
}

interface Memory {
  readonly bytes: number
  readonly nodes: number
  readonly listeners: number
}

async function memoryOf(session: CDPSession): Promise<Memory> {
  for (let round = 0; round < 3; round += 1) await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  const { nodes, jsEventListeners } = await session.send('Memory.getDOMCounters')
  return { bytes: usedSize, nodes, listeners: jsEventListeners }
}
