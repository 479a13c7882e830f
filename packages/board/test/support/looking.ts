/** What a test waits for before it reads a page. */
import type { Locator, Page } from 'playwright-core'

/** Waits until the page has no running requests. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(
    () =>
      document.querySelector('h1') !== null &&
      document.querySelector('.wall:not(:has(.wall-totals))') === null &&
      document.querySelector('[aria-busy=true], .skeleton, [hidden]') === null,
  )
}

/** The first number in an element. */
export async function numberIn(element: Locator): Promise<number> {
  return Number(/\d[\d,]*/.exec(await element.innerText())?.[0]?.replaceAll(',', ''))
}

/** The number of results that the list shows. */
export async function foundOn(page: Page): Promise<number> {
  await page.locator('.summary b').waitFor()
  await settled(page)
  return numberIn(page.locator('.summary b'))
}

/** The proposals of the list, in its order. */
export async function rowsOf(page: Page): Promise<string[]> {
  const links = await page.locator('.proposals tbody th > a').all()
  const addresses = await Promise.all(links.map((link) => link.getAttribute('href')))
  return addresses.map((address) => new URL(address ?? '', page.url()).pathname.replace(/^.*\//, ''))
}
