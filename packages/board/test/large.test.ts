import type { BulkLine } from '@commitments/client'
import { searchRuns } from '@commitments/test-kit'
import { parse } from 'csv-parse/sync'
import type { Page } from 'playwright-core'
import { inBrowser } from './support/browser.ts'
import { foundOn, rowsOf, settled } from './support/looking.ts'
import type { Product } from './support/product.ts'

/** Number of proposals; a soak uses ten thousand. */
const many = searchRuns(450, 10_000)
const stages = ['proposed', 'agreed'] as const

inBrowser(
  (test) => {
    test(`a list of ${many} proposals has a hundred rows for each requested page, and continues to its end`, async ({
      t,
      open,
      product,
    }) => {
      await recordMany(product)
      const page = await open('/proposals?sort=proposalId')
      await watchTasks(page)
      await page.reload()
      t.equal(await foundOn(page), many)
      t.equal((await rowsOf(page)).length, 100)
      const more = page.locator('.more button')
      for (const rows of [200, 300]) {
        await more.click()
        await page.waitForFunction((count) => document.querySelectorAll('tbody tr').length === count, rows)
        await settled(page)
      }
      const ids = await rowsOf(page)
      t.same(
        ids,
        Array.from({ length: 300 }, (_, place) => idOf(place)),
        'in order, each once',
      )
      await page.locator('.facets > summary').click()
      await page.locator('.facet a', { hasText: 'Agreed' }).first().click()
      await page.locator('.filter-chip').waitFor()
      t.equal(await foundOn(page), Math.floor(many / 2))
      t.equal((await rowsOf(page)).length, Math.min(100, Math.floor(many / 2)))
      t.comment(`longest task of the page: ${Math.round(await longestTask(page))} ms`)
    })

    test('every page works with many proposals, and contains no more of them than it says', async ({ t, open }) => {
      for (const path of ['/', '/proposals?view=dates', '/proposals?view=programmes', '/activity']) {
        const page = await open(path)
        await page.locator('main a').first().waitFor()
        await settled(page)
        const links = await page.locator('main a[href*="/proposals/made-"]').count()
        t.ok(links > 0 && links <= 300, `${path}: ${links} links to proposals`)
        await page.context().close()
      }
    })

    test('an instant stands on the slider at the last position that was known by then, however long the log is', async ({
      t,
      open,
      product,
    }) => {
      const answer = await fetch(`${product.url}/v1/events?after=${many - 1}&limit=1`)
      const { events } = (await answer.json()) as { events: { event: { recordedAt: string } }[] }
      const knownAt = events[0]?.event.recordedAt ?? ''
      const series = `${product.url}/v1/portfolio/series?axis=known&from=${knownAt}&to=${knownAt}`
      const { to } = (await (await fetch(series)).json()) as { to: number }
      t.ok(to >= many)
      // It is recorded on the same day, after that instant.
      const { client } = product
      const later = {
        type: 'confirmed',
        occurredOn: null,
        assertedBy: 'ministry-0',
        data: { asOf: '2026-11-20' },
      } as const
      await client.waitFor((await client.recordEvent(idOf(0), later)).position)
      // By event there are too many steps for one answer, and the slider asks for coarser ones.
      const page = await open(`/?knownAt=${knownAt}`, { tolerate: [/status of 400/] })
      await page.waitForFunction(
        (position) => document.querySelector<HTMLInputElement>('.time-bar input[type=number]')?.value === position,
        String(to),
      )
      t.match(await page.locator('#known-at').getAttribute('aria-valuetext'), new RegExp(to.toLocaleString('en')))
    })

    test('the first rows and a filter work over a slow connection and on a slow machine, and the times are remarked', async ({
      t,
      open,
    }) => {
      const page = await open('about:blank')
      const session = await page.context().newCDPSession(page)
      // What browsers call slow 3G, and a quarter of the processor's speed.
      await session.send('Network.emulateNetworkConditions', {
        offline: false,
        latency: 400,
        downloadThroughput: 50_000,
        uploadThroughput: 50_000,
      })
      await session.send('Emulation.setCPUThrottlingRate', { rate: 4 })
      const begun = performance.now()
      await page.goto('/proposals?sort=proposalId')
      await page.locator('tbody tr').first().waitFor()
      const first = performance.now() - begun
      await foundOn(page)
      const asked = performance.now()
      await page.goto('/proposals?sort=proposalId&stage=agreed')
      t.equal(await foundOn(page), Math.floor(many / 2))
      const filtered = performance.now() - asked
      t.equal((await rowsOf(page)).length, 100)
      t.comment(
        `first rows after ${Math.round(first)} ms, a filtered list, loaded anew, after ${Math.round(filtered)} ms`,
      )
    })

    test('the CSV of many proposals has all that the page counts', async ({ t, open }) => {
      const page = await open('/proposals?stage=proposed&lang=ko')
      const found = await foundOn(page)
      t.equal(found, Math.ceil(many / 2))
      const [download] = await Promise.all([page.waitForEvent('download'), page.locator('.take a[download]').click()])
      const stream = await download.createReadStream()
      const records: Record<string, string>[] = parse(Buffer.concat(await stream.toArray()), {
        bom: true,
        columns: true,
      })
      t.equal(records.length, found)
      t.equal(new Set(records.map(({ proposalId }) => proposalId)).size, found)
    })

    test('a page that is left frees its memory: going back and forth does not increase it', async ({ t, open }) => {
      const page = await open('/proposals?sort=proposalId')
      await foundOn(page)
      const rounds = async (count: number) => {
        for (let round = 0; round < count; round += 1) {
          await page.locator('tbody th > a').nth(round).click()
          await page.locator('.timeline .entry').first().waitFor()
          await settled(page)
          await page.goBack()
          await foundOn(page)
        }
        return takenBy(page)
      }
      const before = await rounds(5)
      const after = await rounds(10)
      t.comment(`nodes ${before.nodes} and ${after.nodes}, heap ${before.heap} and ${after.heap} bytes`)
      // The latest answers are kept on purpose, a bounded number of them; rows of earlier pages are not.
      t.ok(after.nodes < 1.5 * before.nodes, `${before.nodes} nodes became ${after.nodes}`)
      t.ok(after.heap < 2 * before.heap, `${before.heap} bytes became ${after.heap}`)
    })
  },
  { empty: true },
)

function idOf(place: number): string {
  return `made-${String(place).padStart(5, '0')}`
}

/** Every second one is agreed. */
async function recordMany({ client }: Product): Promise<void> {
  const lines = Array.from({ length: many }, (_, place) => linesOf(place)).flat()
  let last = 0
  for (let from = 0; from < lines.length; from += 5_000) {
    const { results } = await client.recordAtomically(lines.slice(from, from + 5_000) as BulkLine[])
    last = Math.max(last, ...results.map(({ position }) => position))
  }
  await client.waitFor(last)
}

function linesOf(place: number): object[] {
  const source = [{ title: 'A paper that was made for this test', language: 'en', supports: 'That it was made.' }]
  const common = { proposalId: idOf(place), confidence: 'reported', evidence: source }
  const parties = [
    { party: `ministry-${place % 7}`, name: { en: `Ministry ${place % 7}` }, roles: ['proposer'] },
    { party: `agency-${place % 11}`, name: { en: `Agency ${place % 11}` }, roles: ['counterpart'] },
  ]
  const planned = place % 3 === 0 ? { planned: { end: String(2_026 + (place % 9)) } } : {}
  const proposed = {
    ...common,
    type: 'proposed',
    occurredOn: String(2_000 + (place % 25)),
    data: { title: { en: `Made ${place}`, vi: `Dự án số ${place}` }, kind: 'forum', parties, ...planned },
  }
  if (stages[place % 2] === 'proposed') return [proposed]
  const agreed = {
    ...common,
    type: 'agreed',
    occurredOn: '2025-03',
    data: { form: 'minutes', parties: parties.map(({ party }) => party) },
  }
  return [proposed, agreed]
}

/** From the next load on. */
async function watchTasks(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const seen: number[] = []
    Object.assign(globalThis, { longTasks: seen })
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.push(duration)
    }).observe({ type: 'longtask', buffered: true })
  })
}

/** Milliseconds; zero if no task takes fifty or more, which is what browsers call long. */
async function longestTask(page: Page): Promise<number> {
  return page.evaluate(() => Math.max(0, ...(globalThis as unknown as { longTasks: number[] }).longTasks))
}

/** After garbage collection. */
async function takenBy(page: Page): Promise<{ readonly nodes: number; readonly heap: number }> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const { nodes } = await session.send('Memory.getDOMCounters')
  const { usedSize: heap } = await session.send('Runtime.getHeapUsage')
  await session.detach()
  return { nodes, heap }
}
