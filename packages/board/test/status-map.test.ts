import { type Cell, gridOf } from '../src/proposal/map-grid.ts'
import { en } from '../src/texts/en.ts'
import { inBrowser } from './support/browser.ts'
import { readLedger } from './support/ledger.ts'
import { settled } from './support/looking.ts'

const words = en.proposal

inBrowser((test) => {
  test('the map of a proposal has one field for each rectangle, and every row and column is covered once', async ({
    t,
    open,
    product,
  }) => {
    const { day, events } = await readLedger(product)
    for (const proposalId of ['vkist', 'v-compas', 'kadif', 'jcm10']) {
      const { moments } = (
        await product.client.get('/v1/proposals/{proposalId}/moments', { path: { proposalId }, query: {} })
      ).value
      const { days, rows } = gridOf(moments, day)
      const covered = rows.flatMap(({ cells }, row) => cells.flatMap((cell) => placesOf(cell, row)))
      t.equal(new Set(covered).size, covered.length, `${proposalId}: nothing twice`)
      t.equal(covered.length, days.length * rows.length, `${proposalId}: nothing missing`)
      const positions = new Set(events.filter((one) => one.proposalId === proposalId).map(({ position }) => position))
      t.ok(rows.every(({ position }) => positions.has(position)))
      const page = await open(`/proposals/${proposalId}`)
      await page.locator('.status-map').waitFor()
      const fields = rows.flatMap(({ cells }) => cells.filter(({ of }) => of !== null))
      t.equal(await page.locator('.status-map td a').count(), fields.length, proposalId)
      await page.context().close()
    }
  })

  test('a field of the map says in words what was known when of which day, and leads to that moment by key', async ({
    t,
    open,
    product,
  }) => {
    const page = await open('/proposals/vkist')
    await page.locator('.status-map').waitFor()
    await settled(page)
    const name = /^From 17 January 2023, as known since event 5: Delivered, done$/
    const field = page.locator('#map').getByRole('link', { name })
    await field.focus()
    await page.keyboard.press('Enter')
    await page.waitForURL(/asOf=2023-01-17/)
    const query = new URL(page.url()).searchParams
    const knownAtPosition = Number(query.get('knownAtPosition'))
    const { value } = await product.client.get('/v1/proposals/{proposalId}', {
      path: { proposalId: 'vkist' },
      query: { asOf: '2023-01-17', knownAtPosition },
    })
    t.match(value, { stage: 'delivered', version: 5 })
    await settled(page)
    t.match(await page.locator('.time-banner').innerText(), /in force on 17 January 2023/)
    const known = await page.locator('#map tbody .known a').allInnerTexts()
    t.same(known, ['#5'], 'the map ends at the moment that is shown, and of those days nothing was known before')
    await page.keyboard.press('Escape')
    await page.waitForFunction(() => !location.search.includes('asOf'))
  })

  test('the map has a heading for each row and column, a link to each event, and no day after today', async ({
    t,
    open,
    product,
  }) => {
    const { day } = await readLedger(product)
    const page = await open('/proposals/vkist#map')
    await page.locator('.status-map').waitFor()
    t.equal(await page.locator('#map h2').innerText(), words.sections.map)
    const { moments } = (
      await product.client.get('/v1/proposals/{proposalId}/moments', { path: { proposalId: 'vkist' }, query: {} })
    ).value
    const { days, rows } = gridOf(moments, day)
    t.ok(days.every((one) => one <= day))
    t.equal(await page.locator('.status-map thead th').count(), days.length + 1)
    t.equal(await page.locator('.status-map tbody th[scope=row] a').count(), rows.length)
    await page.locator('.status-map tbody th a').first().click()
    await page.waitForFunction(() => document.activeElement?.id === 'v1')
  })

  test('at 360 px the map is as wide as the page, in each language, and prints whole', async ({ t, open }) => {
    for (const lang of ['en', 'vi', 'ko']) {
      const page = await open(`/proposals/v-compas?lang=${lang}`, { viewport: { width: 360, height: 800 } })
      await page.locator('.status-map').waitFor()
      await settled(page)
      await page.waitForFunction(() => {
        const { right = Number.POSITIVE_INFINITY } =
          document.querySelector('.status-map')?.getBoundingClientRect() ?? {}
        return right <= innerWidth && document.documentElement.scrollWidth <= innerWidth
      })
      const heights = await page
        .locator('.status-map td a')
        .evaluateAll((links) => links.map((link) => link.getBoundingClientRect().height))
      t.ok(heights.every((height) => height >= 24))
      await page.emulateMedia({ media: 'print' })
      t.ok(await page.locator('.status-map').isVisible())
      await page.context().close()
    }
  })
})

function placesOf({ column, columns, rows }: Cell, row: number): string[] {
  return Array.from({ length: rows * columns }, (_, index) => {
    const [down, across] = [Math.floor(index / columns), index % columns]
    return `${row + down} ${column + across}`
  })
}
