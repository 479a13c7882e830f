/** How tests record by hand. */
import type { Page } from 'playwright-core'
import { en } from '../../src/texts/en.ts'
import type { OpenOptions } from './browser.ts'
import { apiKey, type Product } from './product.ts'

export const words = en.record
/** Refusals and lost answers are said by the browser too. */
export const tolerate = [/status of 4\d\d/, /status of 503/, /Failed to load resource/, /ERR_FAILED/]

export type Open = (path: string, options?: OpenOptions) => Promise<Page>

/** Opens a form with the key that may record. */
export async function openForm(open: Open, path: string): Promise<Page> {
  const page = await open(path, { tolerate })
  await giveKey(page)
  return page
}

export async function giveKey(page: Page): Promise<void> {
  await page.getByLabel(words.key.label).fill(apiKey)
  await page.getByRole('button', { name: words.key.use }).click()
}

export const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

let count = 0

/** A proposal of a test of its own. */
export async function propose({ client }: Product): Promise<string> {
  count += 1
  const proposalId = `recorded-by-hand-${count}`
  const made = await client.recordEvent(proposalId, {
    type: 'proposed',
    occurredOn: '2024',
    assertedBy: 'most-vn',
    data: {
      title: { en: `By hand ${count}` },
      kind: 'system',
      parties: [{ party: 'most-vn', name: { en: 'MOST' }, roles: ['proposer'] }],
    },
  })
  await client.waitFor(made.position)
  return proposalId
}

/** Fills in the date, the reason and the party of a risk, whose severity is low. */
export async function fillRisk(page: Page, reason: string): Promise<void> {
  await page.getByLabel(words.precision).first().selectOption('year')
  await page.getByRole('textbox', { name: words.point.year }).fill('2025')
  await page.getByLabel('Reason (English)').fill(reason)
  await page.locator('#field-data-severity').selectOption({ index: 1 })
  await page.locator('#field-assertedBy').fill('most-vn')
}
