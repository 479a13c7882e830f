import type { Page } from 'playwright-core'
import { inBrowser } from './support/browser.ts'
import { conditionsByEnds, recordEnds } from './support/ends.ts'
import { readLedger, tally } from './support/ledger.ts'
import { foundOn, numberIn, rowsOf, settled } from './support/looking.ts'

const stages = ['proposed', 'agreed', 'funded', 'delivered', 'closed']

inBrowser((test) => {
  test('the figures of the Overview are those of the portfolio, and of a fold of the recorded lines', async ({
    t,
    open,
    product,
  }) => {
    await recordEnds(product)
    const page = await open('/')
    await page.locator('.pipeline').waitFor()
    await settled(page)
    const painted = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime)
    t.comment(`first paint after ${Math.round(painted ?? Number.NaN)} ms`)
    const { value } = await product.client.portfolio()
    const ledger = await readLedger(product)
    for (const [asOf, search] of [
      [ledger.day, ''],
      ['2023-12-31', '?asOf=2023-12-31'],
    ] as const) {
      await page.goto(`/${search}`)
      await page.locator('.pipeline').waitFor()
      await settled(page)
      const folded = ledger.at({ asOf })
      const byStage = tally(folded.map(({ proposal }) => proposal.stage))
      const byCondition = tally(folded.map(({ condition }) => condition))
      const contested = folded.filter(({ proposal }) => proposal.contested.some(({ resolved }) => resolved === null))
      t.equal(await numberIn(page.locator('.in-all a').first()), folded.length)
      for (const stage of stages)
        t.equal(await numberIn(page.locator(`.stage-${stage} .figure`)), byStage[stage] ?? 0, `${asOf} ${stage}`)
      for (const [condition, count] of Object.entries(await conditionsOn(page)))
        t.equal(count, byCondition[condition] ?? 0, `${asOf} ${condition}`)
      t.equal(await numberIn(page.locator('#attention a[href*=contested] b')), contested.length, `${asOf} contested`)
      if (search !== '') continue
      for (const condition of conditionsByEnds) t.ok(byCondition[condition], `some are ${condition}`)
      t.equal(folded.length, value.total)
      t.match(value.byStage, byStage)
      t.match(value.byCondition, byCondition)
      t.equal(contested.length, value.contested)
    }
  })

  test('no amount is added up across currencies: each currency has a row, and every amount is that of the portfolio', async ({
    t,
    open,
    product,
  }) => {
    const page = await open('/')
    await page.locator('.money-table').waitFor()
    const { money } = (await product.client.portfolio()).value
    const figures = ['requested', 'pledged', 'committed', 'disbursed', 'undisbursed'] as const
    const currencies = [...new Set(figures.flatMap((figure) => Object.keys(money[figure])))]
    t.same((await page.locator('.money-table th[scope=row]').allInnerTexts()).toSorted(), currencies.toSorted())
    for (const currency of currencies) {
      const row = page.locator('.money-table tr', { has: page.getByRole('rowheader', { name: currency }) })
      const cells = await row.locator('td').allInnerTexts()
      for (const [place, figure] of figures.entries())
        t.equal(cells[place]?.replace(/\D/g, ''), money[figure][currency] ?? '', `${figure} ${currency}`)
    }
  })

  test('each figure of the Overview leads to a list of exactly that many, now and at the end of 2023', async ({
    t,
    open,
  }) => {
    for (const [moment, least] of [
      ['', 19],
      ['?asOf=2023-12-31', 18],
    ] as const) {
      const page = await open(`/${moment}`)
      await page.locator('.pipeline').waitFor()
      await settled(page)
      const figures = page.locator(
        '.pipeline a, .in-all a:not([href^="/record"]), #attention a.chip, .beside a, #ahead p > a',
      )
      const count = await figures.count()
      t.ok(count >= least, `${count} figures`)
      for (let place = 0; place < count; place += 1) {
        const figure = figures.nth(place)
        const [says, href] = [await numberIn(figure), await figure.getAttribute('href')]
        await figure.click()
        const found = await foundOn(page)
        t.equal(found, says, String(href))
        if (found <= 100 && !href?.includes('view=')) t.equal((await rowsOf(page)).length, says, `rows of ${href}`)
        if (moment !== '') t.match(page.url(), /asOf=2023-12-31/)
        await page.goBack()
        await page.locator('.pipeline').waitFor()
        await settled(page)
      }
      await page.context().close()
    }
  })

  test('the strips of stages over time end at today’s figures, and hatch proposals that are dated only by their recording', async ({
    t,
    open,
    product,
  }) => {
    const page = await open('/?years=all')
    await page.locator('.strip-now').first().waitFor()
    await settled(page)
    const ledger = await readLedger(product)
    const byStage = tally(ledger.at().map(({ proposal }) => proposal.stage))
    const only = ledger.onlyRecorded()
    const most = Math.max(...stages.map((stage) => byStage[stage] ?? 0))
    for (const stage of stages) {
      const strip = page.locator('.strip', { has: page.locator(`.strip-chart .stage-${stage}`) })
      t.equal(await numberIn(strip.locator('.strip-now')), byStage[stage] ?? 0, stage)
      const drawn = await strip.locator('.strip-chart svg').evaluate((svg) => ({
        height: svg.getBoundingClientRect().height,
        hatched: Number(svg.querySelector('rect.hatched')?.getAttribute('height') ?? 0),
        path: svg.querySelector('path.shape')?.getAttribute('d') ?? '',
      }))
      const hatched = only.filter((proposal) => proposal.stage === stage).length
      // The top and the bottom of a strip take three pixels.
      t.ok(Math.abs(drawn.hatched - (hatched / most) * (drawn.height - 3)) < 0.1, `${stage}: ${hatched} hatched`)
      t.ok(isStepped(drawn.path), `${stage} is drawn in steps, without a slope over what nobody recorded`)
    }
    t.equal(await numberIn(page.locator('#over-time .quiet')), only.length)
  })

  test('the table of the strips has the numbers of a fold on each of its days, with 0 for none', async ({
    t,
    open,
    product,
  }) => {
    const page = await open('/?years=all')
    await page.locator('.strips').waitFor()
    await page.getByText('As a table').click()
    const ledger = await readLedger(product)
    const rows = await page.locator('#over-time table tbody tr').all()
    t.ok(rows.length > 5)
    for (const row of rows) {
      const said = await row.locator('th').innerText()
      const asOf = dayOf(said)
      const folded = tally(ledger.at({ asOf }).map(({ proposal }) => proposal.stage))
      const shown = (await row.locator('td').allInnerTexts()).slice(0, stages.length)
      t.same(
        shown,
        stages.map((stage) => String(folded[stage] ?? 0)),
        said,
      )
    }
    const last = await rows.at(-1)?.locator('td').allInnerTexts()
    t.equal(last?.at(-1), String(ledger.onlyRecorded().length))
  })
})

/** Counts on the chips, by the condition of the list that they lead to. */
async function conditionsOn(page: Page): Promise<Record<string, number>> {
  const chips = await page.locator('#attention a[href*="condition="]').all()
  const counted = chips.map(async (chip) => {
    const address = new URL((await chip.getAttribute('href')) ?? '', page.url())
    return [address.searchParams.get('condition') ?? '', await numberIn(chip.locator('b'))] as const
  })
  return Object.fromEntries(await Promise.all(counted))
}

/** Whether every segment of a path is parallel to one of the axes. */
function isStepped(path: string): boolean {
  const points = [...path.matchAll(/(-?[\d.]+),(-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)] as const)
  return (
    points.length > 1 &&
    points.every(([x, y], place) => place === 0 || points[place - 1]?.[0] === x || points[place - 1]?.[1] === y)
  )
}

/** Such as "31 December 2023". */
function dayOf(said: string): string {
  return new Date(`${said} UTC`).toISOString().slice(0, 10)
}
