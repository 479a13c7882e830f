/** What a test waits for before it reads a page. */
import type { Locator, Page } from 'playwright-core'

/** Nothing of the page is under way any more. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(
    () =>
      document.querySelector('h1') !== null && document.querySelector('[aria-busy=true], .skeleton, [hidden]') === null,
  )
}

/** The first number that an element says. */
export async function numberIn(element: Locator): Promise<number> {
  return Number(/\d[\d,]*/.exec(await element.innerText())?.[0]?.replaceAll(',', ''))
}

/** How many the list says that it found. */
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
