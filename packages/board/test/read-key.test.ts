import { keyFile, secretOf } from '@commitments/test-kit'
import t from 'tap'
import { inBrowser } from './support/browser.ts'
import { confirm } from './support/live.ts'

const scopes = ['record', 'correct', 'read', 'audit', 'admin'] as const
const keys = [
  { name: 'everything', scopes: [...scopes] },
  { name: 'reader', scopes: ['read' as const] },
]

inBrowser(
  (test) => {
    test('a key that may only read gets live changes too, on the Overview and on the wall', async ({
      t,
      open,
      product,
    }) => {
      // The history of the log is refused to this key, and the page does without it.
      const tolerate = [/status of 403/]
      const page = await open('/', { tolerate })
      const give = async () => {
        await page.locator('input[name=key]').fill(secretOf('reader'))
        await page.locator('main button[type=submit]').click()
      }
      await give()
      await page.locator('.live.live').waitFor()
      await page.locator('#lately li').first().waitFor()
      await confirm(product, 'jcm10')
      await page.locator('#lately .fresh').waitFor()
      t.match(await page.locator('#lately .fresh').innerText(), /new[^]*JCM10[^]*Confirmed/)
      t.equal(await page.locator('#lately .failure').count(), 0)
      await page.goto('/wall')
      await page.locator('.wall-type').first().waitFor()
      await confirm(product, 'vkist')
      await page.locator('[aria-labelledby=wall-recorded] li.fresh').waitFor()
    })
  },
  { environment: { READ_ACCESS: 'key', API_KEYS_FILE: keyFile(t, keys) } },
)
