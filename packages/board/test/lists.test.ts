import { parse } from 'csv-parse/sync'
import type { Page } from 'playwright-core'
import { inBrowser } from './support/browser.ts'
import { readLedger } from './support/ledger.ts'
import { foundOn, rowsOf, settled } from './support/looking.ts'

inBrowser((test) => {
  test('clicked filters become chips, the address has them all, and a new profile sees the same in its own language', async ({
    t,
    open,
    product,
  }) => {
    const ledger = await readLedger(product)
    const page = await open('/proposals')
    await settled(page)
    await page.locator('.facets > summary').click()
    for (const [facet, choice] of [
      ['Role', 'Funder'],
      ['Party', 'Government of the Republic of Korea'],
      ['Stage', 'Delivered'],
      ['Kind', 'ODA grant project'],
    ] as const) {
      const group = page.locator('.facet', { has: page.getByRole('heading', { name: facet, exact: true }) })
      const more = group.locator('summary')
      const wanted = group.getByRole('link', { name: choice })
      if ((await more.count()) > 0 && !(await wanted.first().isVisible())) await more.click()
      await wanted.first().click()
      await page.locator('.filter-chip', { hasText: choice }).waitFor()
      await settled(page)
    }
    const expected = ledger
      .at()
      .map(({ proposal }) => proposal)
      .filter(({ kind, stage }) => kind === 'oda-grant-project' && stage === 'delivered')
      .filter(({ parties }) => parties.some(({ party, roles }) => party === 'gov-kr' && roles.includes('funder')))
      .map(({ proposalId }) => proposalId)
    t.ok(expected.length > 0)
    const rows = await rowsOf(page)
    t.same(rows.toSorted(), expected.toSorted())
    t.equal(await page.locator('.filter-chip').count(), 4)

    const korean = await open(page.url(), { locale: 'ko-KR' })
    await foundOn(korean)
    t.same(await rowsOf(korean), rows)
    t.equal(await korean.locator('html').getAttribute('lang'), 'ko')
    t.equal(await korean.locator('.filter-chip').count(), 4)

    for (let left = 4; left > 0; left -= 1) {
      t.equal(await page.locator('.filter-chip').count(), left)
      await page.locator('.filter-chip').first().click()
      await page.waitForFunction((count) => document.querySelectorAll('.filter-chip').length === count, left - 1)
    }
    t.equal(await foundOn(page), ledger.at().length)
    t.match(page.url(), /\/proposals$/)
  })

  test('a search without marks finds titles with marks, and a Korean search finds Korean titles', async ({
    t,
    open,
    product,
  }) => {
    const ledger = await readLedger(product)
    const named = (text: string) =>
      ledger
        .at()
        .filter(({ proposal }) => Object.values(proposal.title).some((title) => title.toLowerCase().includes(text)))
        .map(({ proposal }) => proposal.proposalId)
    const page = await open('/')
    await settled(page)
    for (const [typed, text, least] of [
      ['ban dan', 'bán dẫn', 3],
      ['베트남', '베트남', 3],
    ] as const) {
      await page.keyboard.press('/')
      await page.keyboard.type(typed)
      await page.keyboard.press('Enter')
      await page.waitForFunction((q) => new URLSearchParams(location.search).get('q') === q, typed)
      const found = await foundOn(page)
      const rows = await rowsOf(page)
      t.equal(rows.length, found)
      t.ok(named(text).length >= least)
      t.same(
        named(text).filter((id) => !rows.includes(id)),
        [],
        `every title with ${text} is found`,
      )
      t.match(await page.locator('.filter-chip').innerText(), typed)
      await page.locator('.filter-chip').click()
      await page.waitForFunction(() => location.search === '')
    }
  })

  test('Back shows the list at once, at the same place and without a request; Forward and a reload work as well', async ({
    t,
    open,
  }) => {
    const page = await open('/proposals?sort=-updated')
    await foundOn(page)
    const row = page.locator('tbody th > a').nth(60)
    const left = await row.getAttribute('href')
    await row.scrollIntoViewIfNeeded()
    const before = await page.evaluate(() => scrollY)
    t.ok(before > 500)
    await row.click()
    await page.locator('.timeline .entry').first().waitFor()
    await settled(page)
    const asked: string[] = []
    // Kept answers are requested again in the background: the list must not wait for that.
    await page.route('**/v1/**', async (route) => {
      asked.push(route.request().url())
      await new Promise<void>((resolve) => page.once('close', () => resolve()))
      await route.abort().catch(() => undefined)
    })
    await page.goBack()
    await page.waitForFunction((top) => Math.abs(scrollY - top) < 3, before)
    t.equal((await rowsOf(page)).length, 95)
    t.equal(await page.evaluate(() => document.activeElement?.getAttribute('href')), left)
    await page.goForward()
    await page.locator('.proposal h1').waitFor()
    await page.waitForURL((url) => url.href.includes(String(left)))
    await page.unrouteAll({ behavior: 'ignoreErrors' })
    await page.goBack()
    await page.waitForFunction((top) => Math.abs(scrollY - top) < 3, before)
    await page.reload()
    await foundOn(page)
    await page.waitForFunction((top) => Math.abs(scrollY - top) < 3, before)
    t.equal((await rowsOf(page)).length, 95)
  })

  test('an address that is only partly understood gives a page with a notice, and the rest of it applies', async ({
    t,
    open,
    product,
  }) => {
    const ledger = await readLedger(product)
    const funded = ledger.at().filter(({ proposal }) => proposal.stage === 'funded')
    const page = await open(
      '/proposals?stage=funded,nonsense&bogus=1&asOf=2023-02-30&sort=%00&knownAtPosition=-1&lang=xx',
    )
    t.equal(await foundOn(page), funded.length)
    const notice = await page.locator('.notice').innerText()
    for (const said of ['nonsense', 'bogus', '2023-02-30', '-1', 'xx']) t.match(notice, said)
    await page.getByRole('link', { name: 'Remove these from the address' }).click()
    await page.waitForFunction(() => location.search === '?stage=funded')
    await page.locator('.notice').waitFor({ state: 'detached' })
    t.equal(await foundOn(page), funded.length)
  })

  test('the CSV has what the page shows: rows, order, names, roles and words in the reader’s language, with all marks', async ({
    t,
    open,
    product,
  }) => {
    const ledger = await readLedger(product)
    for (const lang of ['vi', 'ko'] as const) {
      const page = await open(`/proposals?party=gov-kr&country=VN&sort=-plannedEnd&lang=${lang}`)
      const found = await foundOn(page)
      const records = await csvOf(page)
      t.ok(found > 3)
      t.equal(records.length, found)
      t.same(
        records.map(({ proposalId }) => proposalId),
        await rowsOf(page),
      )
      const titles = await page.locator('tbody th > a').allInnerTexts()
      const stages = await page.locator('tbody .stage-name').allInnerTexts()
      for (const [place, record] of records.entries()) {
        const text = JSON.stringify(record)
        t.ok(Object.values(record).includes(titles[place] ?? ''), `${record['proposalId']}: ${titles[place]}`)
        t.ok(Object.values(record).includes(stages[place]?.trim() ?? ''), `${record['proposalId']}: ${stages[place]}`)
        const { proposal } = ledger.at().find((one) => one.proposal.proposalId === record['proposalId']) ?? {}
        for (const { name } of proposal?.parties ?? []) {
          const said = name?.[lang] ?? name?.en
          if (said !== undefined) t.ok(text.includes(said), said)
        }
      }
      await page.context().close()
    }
  })
})

/** Follows the link to the CSV, and reads the result. */
async function csvOf(page: Page): Promise<Record<string, string>[]> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('.take a[download]').click()])
  const stream = await download.createReadStream()
  return parse(Buffer.concat(await stream.toArray()), { bom: true, columns: true })
}
