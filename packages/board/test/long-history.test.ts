import { acceptRestore } from '@commitments/event-store'
import { example } from '@commitments/test-kit'
import type { Page } from 'playwright-core'
import { en } from '../src/texts/en.ts'
import { inBrowser } from './support/browser.ts'
import { settled } from './support/looking.ts'
import type { Product } from './support/product.ts'

const proposalId = 'long-lab'
const address = `/proposals/${proposalId}`
/** More than a page of the API. */
const confirmations = 1_100
const correction = confirmations + 5

inBrowser(
  (test) => {
    test('a history of more than a page is known as a whole: late corrections and retractions hold for early events', async ({
      t,
      open,
      product,
    }) => {
      await recordLong(product)
      const page = await open(address)
      await settled(page)
      t.equal(await entriesOf(page), 200)
      t.equal(await page.locator('#v2.retracted').count(), 1)
      t.match(await page.locator('#v3').innerText(), /Corrected by #1105[^]*now\s+July 2027/)
      await page.locator('.checks').getByText(en.proof.events(correction, correction)).waitFor({ timeout: 30_000 })
    })

    test('the rest of a long history is shown on demand, from its end, at a link, and on paper', async ({
      t,
      open,
    }) => {
      const page = await open(address)
      await settled(page)
      const more = page.locator('#timeline .more')
      t.equal(await more.innerText(), `${en.list.more(200)} ${en.list.shown(200, correction)}`)
      await more.locator('button').click()
      await page.locator('#timeline .entry').nth(399).waitFor()
      t.equal(await entriesOf(page), 400)
      await page.emulateMedia({ media: 'print' })
      await page.evaluate(() => dispatchEvent(new Event('beforeprint')))
      await page
        .locator('#timeline .entry')
        .nth(correction - 1)
        .waitFor()
      const newest = await open(`${address}?order=newest&clock=recorded`)
      t.equal(await newest.locator('#timeline .entry').first().getAttribute('id'), `v${correction}`)
      const linked = await open(`${address}#v1050`)
      await linked.locator('#v1050.marked').waitFor()
      t.ok((await entriesOf(linked)) < correction)
    })

    test('until the last page of a history has come, no section says what the record lacks', async ({ t, open }) => {
      const { promise: released, resolve: release } = Promise.withResolvers<void>()
      const page = await open(address, {
        prepare: async (context) => {
          await context.route(/after=1000/, async (route) => {
            await released
            await route.continue()
          })
        },
      })
      await page.locator('#evidence .skeleton').waitFor()
      t.equal(await page.locator('#timeline .skeleton').count(), 1)
      t.equal(await page.getByText(en.proposal.noEvidence).count(), 0)
      release()
      await page.locator('#timeline .entry').first().waitFor()
      await page.locator('#evidence .documents > li').first().waitFor()
      t.equal(await page.locator('#timeline .skeleton, #evidence .skeleton').count(), 0)
    })

    test('a link leads to an event about the record also while those are hidden, and under the pointer', async ({
      t,
      open,
    }) => {
      const page = await open(`${address}?corrections=hidden&order=newest`)
      await settled(page)
      const shown = await entriesOf(page)
      t.equal(await page.locator(`#v${correction}`).count(), 0)
      await page.evaluate((fragment) => {
        location.hash = fragment
      }, 'v3')
      const link = page.locator(`#v3 a[href$="#v${correction}"]`).first()
      await link.hover()
      await link.click()
      await page.locator(`#v${correction}.marked`).waitFor()
      t.ok((await entriesOf(page)) >= shown)
      await page.getByText(en.proposal.hiddenCorrections(1)).waitFor()
    })

    test('fields over time have what was known at an instant, and nothing later', async ({ t, open, product }) => {
      const answer = await fetch(`${product.url}/v1/proposals/${proposalId}/events/1`)
      const { event } = (await answer.json()) as { readonly event: { readonly recordedAt: string } }
      for (const [moment, links] of [
        ['', 1],
        [`?knownAt=${event.recordedAt}`, 0],
      ] as const) {
        // By event, a long log has too many steps for the slider, which asks for coarser ones.
        const page = await open(`${address}${moment}`, { tolerate: [/status of 400 .*series/] })
        await page.locator('#fields summary').click()
        await page.locator('#fields dl, #fields details > .quiet').first().waitFor()
        t.equal(Math.min(1, await page.locator(`#fields a[href$="#v${correction}"]`).count()), links, moment)
        await page.context().close()
      }
    })

    test('fields over time and the form for an event know the end of a long history', async ({ t, open }) => {
      const page = await open(address)
      await page.locator('#fields summary').click()
      await page.locator(`#fields a[href$="#v${correction}"]`).first().waitFor()
      const form = await open(`${address}/record/corrected/1050`)
      await form.locator('.record-form').waitFor()
      t.equal(await form.locator('#field-data-corrections-0-event').inputValue(), '1050')
    })

    test('a history is read anew if the log is replaced between two of its pages', async ({ t, open, product }) => {
      let pages = 0
      const page = await open(address, {
        // A log that has just begun is not signed yet, and the page asks again.
        tolerate: [/503 .*\/log\/[^/]+\/(?:checkpoint|vkey)\)/],
        prepare: async (context) => {
          await context.route(/events\?limit=1000&after=1000/, async (route) => {
            pages += 1
            if (pages === 1) await acceptRestore(product.services.database.pool(), 'the disk was lost')
            await route.continue()
          })
        },
      })
      await page.locator('#timeline .entry, #timeline .failure').first().waitFor()
      t.equal(await entriesOf(page), 200)
      t.ok(pages >= 2)
    })
  },
  { empty: true },
)

function entriesOf(page: Page): Promise<number> {
  return page.locator('#timeline .entry').count()
}

async function recordLong({ client }: Product): Promise<void> {
  const step = (name: string, due: string) => ({ milestone: name, title: { en: `The step ${name}` }, due })
  const first = [
    example('proposed', {}),
    example('milestone-planned', step('first', '2027-05')),
    example('milestone-planned', step('second', '2027-06')),
    ...Array.from({ length: confirmations }, () => example('confirmed', { asOf: '2026-11-20' })),
  ]
  const later = [
    example('retracted', { events: [2], reason: { en: 'The first step was recorded by mistake.' } }),
    example('corrected', {
      reason: { en: 'A later day is agreed.' },
      corrections: [{ event: 3, data: step('second', '2027-07') }],
    }),
  ]
  for (const events of [first, later]) {
    const { results } = await client.recordAtomically(events.map((event) => ({ ...event, proposalId })))
    await client.waitFor(Math.max(...results.map(({ position }) => position)))
  }
}
