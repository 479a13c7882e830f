import { eventually } from '@commitments/test-kit'
import { parse } from 'csv-parse/sync'
import type { Page, Request } from 'playwright-core'
import { inBrowser } from './support/browser.ts'
import { readLedger } from './support/ledger.ts'
import { foundOn, numberIn, rowsOf, settled } from './support/looking.ts'

inBrowser((test) => {
  test('the board follows the slider while it is dragged, with one request for its figures at a time', async ({
    t,
    open,
    product,
  }) => {
    const ledger = await readLedger(product)
    const page = await open('/')
    await page.getByRole('button', { name: 'Look at another time' }).click()
    const slider = page.getByRole('slider', { name: 'In force on' })
    await page.waitForFunction(() => Number(document.querySelector<HTMLInputElement>('#in-force')?.max) > 10)
    await settled(page)
    const figures = underWay(page, '/v1/portfolio')
    const entries = await page.evaluate(() => history.length)
    const box = await slider.boundingBox()
    if (box === null) throw new Error('The slider is not on the page.')
    const middle = box.y + box.height / 2
    await page.mouse.move(box.x + 3, middle)
    await page.mouse.down()
    await page.waitForFunction(() => location.search.includes('asOf=199'))
    await page.locator('.board.past').waitFor()
    const shown = () => numberIn(page.locator('.in-all a').first())
    const isOfItsDay = async () => {
      const asOf = await page.evaluate(() => new URLSearchParams(location.search).get('asOf'))
      return asOf !== null && (await shown()) === ledger.at({ asOf }).length
    }
    const seen = new Set<number>()
    for (let step = 1; step <= 40; step += 1) {
      await page.mouse.move(box.x + 3 + ((box.width - 6) * step) / 40, middle)
      // On a busy machine the figures come later than the pointer moves on.
      if (step % 10 === 0 && step < 40) await eventually(isOfItsDay, { within: 20_000 })
      seen.add(await shown())
    }
    await page.waitForFunction(() => !location.search.includes('asOf'))
    t.equal(await page.evaluate(() => history.length), entries, 'nothing is put into the history while it moves')
    await page.mouse.up()
    await page.locator('.board:not(.past)').waitFor()
    await page.waitForFunction(
      (total) => document.querySelector('.in-all a')?.textContent?.startsWith(`${total} `),
      ledger.at().length,
    )
    t.ok(seen.size >= 3, `${seen.size} counts were seen on the way`)
    t.equal(figures.most(), 1)
  })

  test('a typed day is the displayed day, in figures, words, frame and title', async ({ t, open, product }) => {
    const ledger = await readLedger(product)
    const page = await open('/')
    await page.getByRole('button', { name: 'Look at another time' }).click()
    for (const [asOf, said, count] of [
      ['2023-12-31', '31 December 2023', 30],
      ['2024-12-31', '31 December 2024', 32],
      ['2025-12-31', '31 December 2025', 65],
    ] as const) {
      await page.locator('.time-bar input[type=date]').fill(asOf)
      await page.waitForFunction(
        (total) => document.querySelector('.in-all a')?.textContent?.startsWith(`${total} `),
        count,
      )
      t.equal(ledger.at({ asOf }).length, count)
      await page.waitForURL(({ search }) => search.includes(`asOf=${asOf}`))
      t.match(await page.title(), `◀ in force on ${said}`)
      t.match(await page.locator('.time-banner').innerText(), `You are looking at the past in force on ${said}`)
      t.ok(await page.locator('.board.past').isVisible(), 'the page is framed')
      await page.waitForFunction(
        (text) => document.querySelector('#in-force')?.getAttribute('aria-valuetext')?.includes(text),
        `${said}, ${count} of 95`,
      )
    }
    // Days that follow each other fast are one step back; a page that is opened again has no earlier one.
    await page.goto('/?asOf=2024-12-31')
    await settled(page)
    await page.locator('.time-bar input[type=date]').fill('2025-12-31')
    await page.waitForFunction(() => document.querySelector('.in-all a')?.textContent?.startsWith('65 '))
    await page.goBack()
    await page.waitForFunction(() => document.querySelector('.in-all a')?.textContent?.startsWith('32 '))
    await page.waitForURL(/asOf=2024-12-31/)
  })

  test('keys move a slider over the days on which something changed: arrows by one, PageUp by a year, Home to the first', async ({
    t,
    open,
    product,
  }) => {
    const answer = await fetch(`${product.url}/v1/portfolio/series?axis=asOf&step=year`)
    const { changePoints: days } = (await answer.json()) as { readonly changePoints: readonly string[] }
    const page = await open('/?asOf=2020-06-01')
    const slider = page.getByRole('slider', { name: 'In force on' })
    await page.waitForFunction(() => Number(document.querySelector<HTMLInputElement>('#in-force')?.max) > 10)
    await slider.focus()
    const press = async (key: string, expected: string) => {
      await page.keyboard.press(key)
      await page.waitForFunction((day) => new URLSearchParams(location.search).get('asOf') === day, expected)
      t.pass(`${key}: ${expected}`)
    }
    const place = days.findLastIndex((day) => day <= '2020-06-01')
    await press('ArrowRight', days[place + 1] ?? '')
    await press('ArrowLeft', days[place] ?? '')
    const from = days[place] ?? ''
    const aYearOn = `${Number(from.slice(0, 4)) + 1}${from.slice(4)}`
    await press('PageUp', days.find((day) => day >= aYearOn) ?? '')
    await press('Home', days[0] ?? '')
    t.equal(
      await page.evaluate(() => document.activeElement?.id),
      'in-force',
      'the slider keeps the focus while everything moves',
    )
  })

  test('as known at an earlier position: proposal, list, CSV and print show that moment, and Esc and a button lead back', async ({
    t,
    open,
    product,
  }) => {
    const moment = { knownAtPosition: 150 }
    const ledger = await readLedger(product)
    const known = ledger.at({ ...moment, asOf: ledger.day })
    const page = await open('/proposals/vkist?knownAtPosition=150')
    await page.locator('.timeline .entry').first().waitFor()
    await settled(page)
    const versions = ledger.events
      .filter(({ proposalId, position }) => proposalId === 'vkist' && position <= 150)
      .map(({ version }) => `v${version}`)
    t.same(
      (await page.locator('.timeline .entry').evaluateAll((entries) => entries.map(({ id }) => id))).toSorted(),
      versions.toSorted(),
    )
    t.match(await page.locator('.time-banner').innerText(), /as known at position 150/)
    t.match(await page.title(), /◀ as known at position 150/)
    t.equal(await page.locator('a[href*="/record"]').count(), 0, 'nothing can be recorded in the past')
    await page.emulateMedia({ media: 'print' })
    t.match(await page.locator('.print-only').first().innerText(), /as known at position 150/)
    await page.emulateMedia({ media: 'screen' })

    await page.locator('.header nav a', { hasText: 'Proposals' }).click()
    t.equal(await foundOn(page), known.length)
    t.match(page.url(), /knownAtPosition=150/)
    const shown = await rowsOf(page)
    t.same(shown.toSorted(), known.map(({ proposal }) => proposal.proposalId).toSorted())
    const csv = await page.request.get((await page.locator('.take a[download]').getAttribute('href')) ?? '')
    const records: Record<string, string>[] = parse(await csv.body(), { bom: true, columns: true })
    t.same(
      records.map(({ proposalId }) => proposalId),
      shown,
      'the CSV has the rows of the page',
    )
    t.ok(
      records.every(({ position }) => Number(position) <= 150),
      'and nothing that was recorded later',
    )

    await page.keyboard.press('Escape')
    await page.waitForFunction(() => !location.search.includes('knownAt'))
    t.equal(await foundOn(page), ledger.at().length)
    await page.goto('/proposals?knownAtPosition=150')
    await page.getByRole('button', { name: 'Back to now' }).click()
    await page.waitForFunction(() => !location.search.includes('knownAt'))
    t.equal(await foundOn(page), ledger.at().length)
    await page.locator('.board:not(.past)').waitFor()
  })
})

/** The most requests for a path that were running at the same time. */
function underWay(page: Page, path: string): { most(): number } {
  let now = 0
  let most = 0
  const isOne = (request: Request) => new URL(request.url()).pathname === path
  const end = (request: Request) => {
    if (isOne(request)) now -= 1
  }
  page.on('request', (request) => {
    if (isOne(request)) most = Math.max(most, (now += 1))
  })
  page.on('requestfinished', end)
  page.on('requestfailed', end)
  return { most: () => most }
}
