import { inBrowser } from './support/browser.ts'
import { settled } from './support/looking.ts'

inBrowser((test) => {
  test('a proposal on paper has every section, the addresses of its sources, the moment and the checkpoint, and no cut rows', async ({
    t,
    open,
  }) => {
    const page = await open('/proposals/vkist')
    await page.locator('.checks .check').first().waitFor({ timeout: 20_000 })
    await settled(page)
    await page.emulateMedia({ media: 'print' })
    for (const id of ['timeline', 'money', 'milestones', 'parties', 'links', 'evidence', 'map', 'proof'])
      t.ok(await page.locator(`#${id} h2`).isVisible(), id)
    const head = await page.locator('.print-only').first().innerText()
    t.match(head, /position 290 of log [0-9a-f-]{36}/)
    t.match(head, /checkpoint 290 \S{20,}/)
    const sources = await page.locator('#evidence a.source-link').evaluateAll((links) =>
      links.map((link) => ({
        address: link.getAttribute('href'),
        printed: getComputedStyle(link, '::after').content,
      })),
    )
    t.ok(sources.length > 0)
    for (const { address, printed } of sources) t.ok(printed.includes(address ?? '?'), printed)
    const cut = await page
      .locator('.entry, .proposal tr, .axis-card, .lines > li')
      .evaluateAll((rows) => rows.filter((row) => getComputedStyle(row).breakInside !== 'avoid').length)
    t.equal(cut, 0, 'no row is cut at the end of a page')
    const pdf = (await page.pdf({ preferCSSPageSize: true, printBackground: true })).toString('latin1')
    t.match(pdf.slice(0, 8), /^%PDF-/)
    const pages = pdf.match(/\/Type\s*\/Page\b/g)?.length ?? 0
    t.ok(pages >= 2 && pages < 30, `${pages} pages`)
  })
})
