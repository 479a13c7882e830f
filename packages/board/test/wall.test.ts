import { tcpProxy } from '@commitments/test-kit'
import type { Page } from 'playwright-core'
import { inBrowser } from './support/browser.ts'
import { readLedger, tally } from './support/ledger.ts'
import { confirm } from './support/live.ts'
import { numberIn } from './support/looking.ts'

const screen = { width: 1_920, height: 1_080 }

inBrowser((test) => {
  test('the wall shows the figures of the portfolio so large that they are read from five metres, and what is late with its days', async ({
    t,
    open,
    product,
  }) => {
    const page = await open('/wall', { viewport: screen })
    await filled(page)
    const ledger = await readLedger(product)
    const byStage = tally(ledger.at().map(({ proposal }) => proposal.stage))
    for (const stage of ['proposed', 'agreed', 'funded', 'delivered', 'closed']) {
      const figure = page.locator(`.wall-figures .stage-${stage} .figure`)
      t.equal(await numberIn(figure), byStage[stage] ?? 0, stage)
      const size = await figure.evaluate((element) => Number.parseFloat(getComputedStyle(element).fontSize))
      t.ok(size >= 0.09 * screen.height, `${size} px`)
    }
    const overdue = ledger.at().filter(({ condition }) => condition === 'overdue').length
    t.equal(await numberIn(page.locator('#wall-late')), overdue)
    const days = await page.locator('[aria-labelledby=wall-late] .wall-when').allInnerTexts()
    t.ok(days.length > 0 && days.every((text) => /^[\d,]+ d$/.test(text)), days.join(' '))
    const numbers = days.map((text) => Number(text.replaceAll(/\D/g, '')))
    t.same(
      numbers,
      numbers.toSorted((one, other) => other - one),
      'the longest first',
    )
    t.match(await page.locator('.wall-totals').innerText(), /USD 35 million of 100 million/)
    t.match(await page.locator('.wall-totals').innerText(), /2 contested/)
  })

  test('the wall has no controls and does not scroll, its clock runs, and it is dark unless its address says otherwise', async ({
    t,
    open,
  }) => {
    for (const viewport of [
      screen,
      { width: 1_280, height: 720 },
      { width: 3_840, height: 2_160 },
      { width: 1_080, height: 1_920 },
    ]) {
      const page = await open('/wall', { viewport, colorScheme: 'light' })
      await filled(page)
      t.equal(await page.locator('a, button, input, select, [tabindex="0"]').count(), 0)
      const fits = await page.evaluate(() => {
        const { scrollWidth, scrollHeight } = document.documentElement
        const beyond = [...document.querySelectorAll('.wall *')].filter(
          (element) => element.getBoundingClientRect().bottom > innerHeight + 1,
        )
        const rows = [...document.querySelectorAll('.wall-lists li')].map((row) => row.getBoundingClientRect().bottom)
        const totals = document.querySelector('.wall-totals')?.getBoundingClientRect().top ?? 0
        const apart = Math.max(...rows) <= totals
        return { across: scrollWidth <= innerWidth, down: scrollHeight <= innerHeight, apart, beyond: beyond.length }
      })
      t.same(fits, { across: true, down: true, apart: true, beyond: 0 }, `${viewport.width}`)
      t.equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), 'dark')
      const clock = page.locator('.wall-clock b')
      const before = await clock.innerText()
      t.match(before, /^\d+:\d\d:\d\d/)
      await page.waitForFunction((text) => document.querySelector('.wall-clock b')?.textContent !== text, before)
      await page.context().close()
    }
    const light = await open('/wall?theme=light', { viewport: screen })
    await filled(light)
    t.equal(await light.evaluate(() => getComputedStyle(document.documentElement).colorScheme), 'light')
  })

  test('what was just recorded is on the wall at once, with the kind of event, and marked', async ({
    t,
    open,
    product,
  }) => {
    const page = await open('/wall', { viewport: screen })
    await filled(page)
    const rows = page.locator('[aria-labelledby=wall-recorded] li')
    t.ok(
      (await rows.allInnerTexts()).every((text) => text.includes('— ')),
      'also what was recorded before it was opened',
    )
    await confirm(product, 'jcm10')
    await page.locator('[aria-labelledby=wall-recorded] li.fresh').waitFor()
    t.match(await rows.first().innerText(), /\d:\d\d[^]*Confirmed[^]*new/)
  })

  test('the wall is amber when nothing is heard of the service, says since when, and recovers by itself', async ({
    t,
    open,
    product,
  }) => {
    const proxy = await tcpProxy(t, { port: Number(new URL(product.url).port) })
    const page = await open('/wall', {
      viewport: screen,
      baseURL: proxy.through(product.url),
      tolerate: [/ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE|ERR_SOCKET|ERR_TIMED_OUT/],
    })
    await filled(page)
    proxy.refuse()
    await page.locator('.wall-top.stale').waitFor({ timeout: 40_000 })
    t.match(await page.locator('.wall-state').innerText(), /No connection since \d+:\d\d:\d\d.*position \d+/)
    t.equal(await page.locator('.wall-figures .figure').count(), 5, 'what was known stays')
    await confirm(product, 'vkist')
    proxy.resume()
    await page.locator('.wall-top:not(.stale)').waitFor({ timeout: 40_000 })
    await page.locator('[aria-labelledby=wall-recorded] li.fresh').waitFor({ timeout: 40_000 })
  })

  test('the wall loads itself again when the service has a new build', async ({ t, open }) => {
    let deployed = false
    const page = await open('/wall', {
      viewport: screen,
      prepare: async (context) => {
        await context.route('**/wall', async (route) => {
          const answer = await route.fetch()
          const body = await answer.text()
          await route.fulfill({
            response: answer,
            body: deployed ? body.replace(/data-build="\w+"/, 'data-build="newer"') : body,
          })
        })
      },
    })
    await filled(page)
    deployed = true
    await page.waitForFunction(() => document.documentElement.dataset['build'] === 'newer', undefined, {
      timeout: 60_000,
    })
    await filled(page)
    t.equal(await page.locator('.wall-figures .figure').count(), 5)
  })
})

async function filled(page: Page): Promise<void> {
  await page.locator('.wall-state').getByText('live').waitFor()
  await page.locator('[aria-labelledby=wall-late] li').first().waitFor()
  await page.waitForFunction(() => {
    const rows = [...document.querySelectorAll('[aria-labelledby=wall-recorded] li')]
    return rows.length > 0 && rows.every((row) => row.textContent.includes('— '))
  })
}
