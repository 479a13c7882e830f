import type { AnswerTo } from '@commitments/client'
import type { Page } from 'playwright-core'
import { inBrowser } from './support/browser.ts'

/** A walk through each page: what a reader sees first, and what the page takes from its address. */

inBrowser((test) => {
  test('the Overview counts what the portfolio counts, and shows US dollars and won separately', async ({
    t,
    open,
    product,
  }) => {
    const page = await open('/')
    const { value } = await product.client.portfolio()
    for (const [stage, count] of Object.entries(value.byStage)) {
      t.equal(await page.locator(`.pipeline .stage-${stage} .figure`).innerText(), String(count), stage)
    }
    const money = page.locator('#money table')
    t.same(await rowOf(money, 'USD'), ['–', '30,000,000', '100,000,000', '35,000,000', '65,000,000'])
    t.same(await rowOf(money, 'KRW'), ['–', '–', '3,000,000,000', '3,000,000,000', '–'])
    const attention = await page.locator('#attention').innerText()
    // Conditions change with the calendar.
    t.match(attention, new RegExp(`\\b${value.byCondition['unknown']} no date known`))
    t.match(attention, /2 contested/)
  })

  test('in the view by dates, the years of the axis are above the years in each row', async ({ t, open }) => {
    const page = await open('/proposals?view=dates')
    await page.locator('ul.dates line.grid').first().waitFor({ state: 'attached' })
    // Once the page knows its width: drawings are made for the available width.
    const apart = await page.waitForFunction(() => {
      // The second: a year at the edge of the axis stands beside its line.
      const centre = (selector: string) => {
        const { left = Number.NaN, width = 0 } = document.querySelectorAll(selector)[1]?.getBoundingClientRect() ?? {}
        return left + width / 2
      }
      const apart = Math.abs(centre('.dates-row.head .years span') - centre('ul.dates .dates-row line.grid'))
      return apart <= 2 ? { apart } : null
    })
    t.match(await apart.jsonValue(), { apart: Number })
  })

  test('a list is sorted, filtered and searched by its address, and each filter can be removed', async ({
    t,
    open,
    product,
  }) => {
    const page = await open('/proposals?stage=funded&country=KR&bogus=1')
    const found = await foundOn(page)
    await page.locator('tbody tr').first().waitFor()
    t.equal(await page.locator('tbody tr').count(), found)
    t.match(await page.locator('.notices').innerText(), /“bogus”, which is unknown here/)
    await page.getByRole('link', { name: /Stage: Funded/ }).click()
    await page.waitForURL(/\/proposals\?country=KR$/)
    await page.keyboard.press('/')
    await page.keyboard.type('ban dan')
    await page.keyboard.press('Enter')
    await page.waitForURL(/q=ban%20dan/)
    const asked = `${product.url}/v1/proposals?country=KR&q=ban%20dan`
    const { total, proposals } = (await (await fetch(asked)).json()) as AnswerTo<'/v1/proposals'>
    t.equal(await foundOn(page), total)
    t.equal(proposals.filter(({ title }) => /bán dẫn/i.test(title['vi'] ?? '')).length, 3)
  })

  test('a proposal shows four axes, both claims of a contest, and corrected values next to the right ones', async ({
    t,
    open,
  }) => {
    const page = await open('/proposals/vkist')
    await page.locator('.timeline .entry').first().waitFor()
    t.equal(await page.locator('.axis-card').count(), 4)
    t.equal(await page.locator('.claim').count(), 2)
    const agreed = page.locator('#v2')
    t.match(
      await agreed.locator('.entry-happened ins').innerText(),
      /^now\s+some day between 7 September 2013 and 11 September 2013$/,
    )
    t.match(await agreed.locator('.entry-happened del').innerText(), /^was\s+date not known$/)
    t.match(await agreed.innerText(), /Corrected by #5/)
    const lines = await page.locator('.lines li').allInnerTexts()
    t.match(lines[0], /Government of the Republic of Korea → Ministry of Science and Technology/)
    t.match(lines[0], /USD\u00a035,000,000/)
  })

  test('the past is unmistakable, and Esc leads back to now', async ({ t, open }) => {
    const page = await open('/?asOf=2023-12-31')
    t.equal(await foundIn(page, '.in-all a'), 30)
    t.match(await page.title(), /^◀ in force on 31 December 2023/)
    t.match(await page.locator('.time-banner').innerText(), /You are looking at the past/)
    await page.keyboard.press('Escape')
    await page.waitForFunction(() => !location.search.includes('asOf'))
    await page.waitForFunction(() => document.querySelector('.in-all a')?.textContent === '95 proposals')
  })

  test('before the beginning of the ledger nothing is shown, not even from another moment', async ({ t, open }) => {
    const page = await open('/?asOf=2023-12-31', { tolerate: [/404/] })
    await page.locator('.pipeline').waitFor()
    const day = page.locator('.clock input[type=date]')
    await day.fill('1900-01-01')
    await day.blur()
    await page.locator('#stages .empty').waitFor()
    t.equal(await page.locator('.pipeline').count(), 0)
    t.equal(await page.locator('.failure').count(), 0)
    await page.goBack()
    await page.locator('.pipeline').waitFor()
    t.equal(await foundIn(page, '.in-all a'), 30)
  })

  test('an arrow key moves the slider to the next day with a change, and Back undoes all of these steps', async ({
    t,
    open,
  }) => {
    const page = await open('/?asOf=2023-12-31')
    const slider = page.getByRole('slider', { name: 'In force on' })
    await page.waitForFunction(() => Number(document.querySelector<HTMLInputElement>('#in-force')?.max) > 20)
    await slider.focus()
    const before = await slider.getAttribute('aria-valuetext')
    await page.keyboard.press('ArrowRight')
    await page.waitForFunction(
      (text) => document.querySelector('#in-force')?.getAttribute('aria-valuetext') !== text,
      before,
    )
    await page.waitForURL(/asOf=2024-/)
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    await page.goBack()
    await page.waitForURL(/asOf=2023-12-31$/)
    t.equal(await foundIn(page, '.in-all a'), 30)
  })

  test('before the days of changes are known, no key leads away from the chosen day', async ({ t, open }) => {
    const { promise: held, resolve: answer } = Promise.withResolvers<void>()
    const page = await open('/?asOf=2023-12-31', {
      prepare: async (context) => {
        await context.route(/\/series/, async (route) => {
          await held
          await route.continue()
        })
      },
    })
    await page.locator('#in-force').focus()
    for (const key of ['PageUp', 'PageDown', 'ArrowRight', 'End']) await page.keyboard.press(key)
    t.match(page.url(), /asOf=2023-12-31$/)
    answer()
    await page.waitForFunction(() => Number(document.querySelector<HTMLInputElement>('#in-force')?.max) > 20)
    await page.keyboard.press('PageUp')
    await page.waitForURL(/asOf=2025-01-31$/)
  })

  test('a dragged slider stays where it was released', async ({ t, open }) => {
    const page = await open('/?asOf=2023-12-31')
    await page.waitForFunction(() => Number(document.querySelector<HTMLInputElement>('#in-force')?.max) > 20)
    for (let round = 0; round < 3; round += 1) {
      const reached = await page.evaluate(async (last) => {
        const slider = document.querySelector<HTMLInputElement>('#in-force')
        if (slider === null) throw new Error('There is no slider.')
        for (let place = 0; place <= last; place += 1) {
          slider.value = String(place)
          slider.dispatchEvent(new Event('input', { bubbles: true }))
          await new Promise((resolve) => setTimeout(resolve, 7))
        }
        slider.dispatchEvent(new Event('change', { bubbles: true }))
        await new Promise((resolve) => setTimeout(resolve, 200))
        return Number(slider.value)
      }, 18 + round)
      t.equal(reached, 18 + round)
    }
  })

  test('every page is available in Vietnamese and Korean', async ({ t, open }) => {
    for (const lang of ['vi', 'ko']) {
      for (const path of [
        '/',
        '/proposals',
        '/proposals/vkist',
        '/activity',
        '/ledger',
        '/record',
        '/proposals/vkist/record',
      ]) {
        const page = await open(`${path}?lang=${lang}`)
        await page.locator('h1').waitFor({ state: 'attached' })
        t.equal(await page.locator('html').getAttribute('lang'), lang)
        await page.context().close()
      }
    }
  })

  test('recorded events are listed newest first, page by page', async ({ t, open }) => {
    const page = await open('/activity')
    await page.locator('.lately li').first().waitFor()
    t.match(await page.locator('.lately li').first().innerText(), /position 290/)
    await page.getByRole('link', { name: 'Older' }).click()
    await page.waitForURL(/before=191/)
    await page.waitForFunction(() => document.querySelector('.lately li')?.textContent?.includes('position 190'))
  })

  test('the ledger page shows its checkpoint, its key, and how far the read models have got', async ({
    t,
    open,
    product,
  }) => {
    const page = await open('/ledger')
    await page.locator('#checkpoint dd').first().waitFor()
    t.match(await page.locator('#checkpoint').innerText(), /290/)
    const key = await (await fetch(`${product.url}/log/vkey`)).text()
    t.equal(await page.locator('#key pre').innerText(), key.trim())
    await page.locator('#projections table').waitFor()
    t.match(await page.locator('#projections').innerText(), /290 of 290/)
  })
})

async function rowOf(table: ReturnType<Page['locator']>, currency: string): Promise<string[]> {
  const cells = await table
    .locator('tr', { has: table.page().getByRole('rowheader', { name: currency }) })
    .locator('td')
    .all()
  return Promise.all(cells.map(async (cell) => (await cell.innerText()).replace('none recorded', '').trim()))
}

/** The number of results that the list shows. */
async function foundOn(page: Page): Promise<number> {
  return foundIn(page, '.summary b')
}

async function foundIn(page: Page, selector: string): Promise<number> {
  await page.locator(selector).first().waitFor()
  await page.waitForFunction(() => document.querySelector('[aria-busy=true]') === null)
  const text = await page.locator(selector).first().innerText()
  return Number(/\d+/.exec(text)?.[0])
}
