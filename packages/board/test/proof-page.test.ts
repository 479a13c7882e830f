import { acceptRestore } from '@commitments/event-store'
import { eventually } from '@commitments/test-kit'
import type { BrowserContext, Page } from 'playwright-core'
import { en } from '../src/texts/en.ts'
import { inBrowser } from './support/browser.ts'
import { confirm } from './support/live.ts'
import type { Product } from './support/product.ts'

const { marks } = en.proof

inBrowser((test) => {
  test('the page of a proposal checks the signature and every event here, and says ✓ with the numbers', async ({
    t,
    open,
    product,
  }) => {
    await signed(product)
    const page = await open('/proposals/vkist')
    const lines = await checksOn(page)
    const { version } = (await product.client.get('/v1/proposals/{proposalId}', { path: { proposalId: 'vkist' } }))
      .value
    t.ok(lines.some((line) => line.startsWith(`✓ ${marks.ok}`) && line.includes(en.proof.events(version, version))))
    t.ok(lines.some((line) => line.includes('The signature is valid')))
    t.equal(lines.filter((line) => line.includes(marks.bad)).length, 0)
    t.match(lines.join('\n'), en.proof.keyFirst)
    t.match(lines.join('\n'), en.proof.first)
    t.equal(await page.locator('.entry .in-log').count(), version, 'each event has its mark')
    t.equal(await page.locator('.entry .in-log').first().innerText(), `✓ ${en.proof.inLog}`)
    await page.reload()
    t.match((await checksOn(page)).join('\n'), /Checked here: This browser saw \d+ events on .* none was changed/)
  })

  test('one changed byte of any answer does not match, and the event is named', async ({ t, open, product }) => {
    await signed(product)
    for (const changed of [/\/vkist\/events\?limit=\d+$/, /\/vkist\/events\?.*proof=true/]) {
      const page = await open('/proposals/vkist', {
        prepare: (context) =>
          change(context, changed, (body) =>
            body.replace('The Korean government supported', 'The Korean government supportec'),
          ),
      })
      const bad = (await checksOn(page)).filter((line) => line.includes(marks.bad))
      t.equal(bad.length, 1, String(changed))
      t.match(bad[0], /^✗ Does not match: .*#\d+/)
      const [, named] = /#(\d+)/.exec(bad[0] ?? '') ?? []
      t.equal(await page.locator(`#v${named} .in-log`).count(), 0, 'and has no mark')
      t.ok((await page.locator('.entry .in-log').count()) > 0)
      await page.context().close()
    }
    const cut = await open('/proposals/vkist', {
      prepare: (context) =>
        change(context, /\/vkist\/events\?/, (body) => {
          const { events, ...rest } = JSON.parse(body) as { events: unknown[] }
          return JSON.stringify({ ...rest, events: events.slice(0, -1) })
        }),
    })
    const missing = (await checksOn(cut)).filter((line) => line.includes(marks.bad))
    t.match(missing, [new RegExp(`#\\d+ \\(${en.proof.missing}\\)`)], 'also an event that is left out at the end')
    await cut.context().close()
    const forged = await open('/proposals/vkist', {
      prepare: (context) =>
        change(context, /\/checkpoint$/, (note) => note.replace(/^(\d+)$/m, (size) => String(Number(size) - 1))),
    })
    const lines = await checksOn(forged)
    t.match(lines, [`✗ ${marks.bad}: ${en.proof.unsigned['bad-signature']}`])
    t.equal(lines.filter((line) => line.includes('✓')).length, 0)
  })

  test('what changes on the page after the check is not said to be checked, and the check comes back by itself', async ({
    t,
    open,
    product,
  }) => {
    await signed(product)
    let away = false
    let forged = false
    const page = await open('/proposals/vkist', {
      tolerate: [/ERR_FAILED/],
      prepare: async (context) => {
        await context.route(/proof=true/, (route) => (away ? route.abort() : route.continue()))
        await change(context, /\/vkist\/events\?limit=\d+$/, (body) =>
          forged ? body.replace('The Korean government supported', 'The Korean government supportec') : body,
        )
      },
    })
    const before = (await checksOn(page)).find((line) => line.includes('exactly as shown here'))
    const [, all = ''] = /(\d+) of \1 events/.exec(before ?? '') ?? []
    forged = true
    away = true
    const position = await confirm(product, 'vkist')
    await page.getByText(`position ${position}`, { exact: true }).first().waitFor()
    await page
      .locator('.checks')
      .getByText(`${Number(all) - 1} of ${Number(all) + 1} events`)
      .waitFor()
    away = false
    await page
      .locator('.checks')
      .getByText(`${all} of ${Number(all) + 1} events`)
      .waitFor({ timeout: 40_000 })
    t.match(await checksOn(page), [/./, /./, /Not in the signed log as shown here: #1$/])
  })

  test('where the browser cannot check, the page says so and shows no ✓', async ({ t, open, product }) => {
    const baseURL = `http://board.example:${new URL(product.url).port}`
    const elsewhere = async (context: BrowserContext) => {
      await context.route(`${baseURL}/**`, async (route) => {
        const response = await route
          .fetch({ url: route.request().url().replace(baseURL, product.url) })
          .catch(() => null)
        await (response === null ? route.abort() : route.fulfill({ response }))
      })
    }
    const insecure = await open('/proposals/vkist', { baseURL, prepare: elsewhere, tolerate: [/./] })
    t.equal(await insecure.evaluate(() => isSecureContext), false)
    t.same(await checksOn(insecure), [`? ${marks.unable}: ${en.proof.unable.insecure}`])
    const old = await open('/ledger', {
      prepare: async (context) => {
        await context.addInitScript(() => {
          if (isSecureContext)
            crypto.subtle.importKey = () => Promise.reject(new DOMException('Unrecognized name.', 'NotSupportedError'))
        })
      },
    })
    t.same(await checksOn(old), [`? ${marks.unable}: ${en.proof.unable['no-ed25519']}`])
  })

  test('the ledger page checks that the log continued what this browser saw, and says which checkpoint it kept if not', async ({
    t,
    open,
    product,
  }) => {
    await signed(product)
    const page = await open('/ledger')
    t.match((await checksOn(page)).join('\n'), en.proof.first)
    t.match(await page.locator('#checks').innerText(), /sha256:[0-9a-f]{64}/)
    t.match(await page.locator('#checks').innerText(), en.ledger.noWitnesses)
    await page.evaluate(() => {
      const kept = JSON.parse(localStorage.getItem('commitments.proof') ?? '{}') as { note: string }
      const [origin, size, root = '', ...rest] = kept.note.split('\n')
      const other = `${root.startsWith('A') ? 'B' : 'A'}${root.slice(1)}`
      localStorage.setItem(
        'commitments.proof',
        JSON.stringify({ ...kept, note: [origin, size, other, ...rest].join('\n') }),
      )
    })
    await page.reload()
    t.match((await checksOn(page)).join('\n'), /✗ Does not match: This browser saw \d+ events .* it was rewritten/)
    await page.getByRole('button', { name: en.proof.beginAnew }).click()
    await page.locator('#checks').getByText(en.proof.first).waitFor()
    t.equal(await page.getByRole('button', { name: en.proof.beginAnew }).count(), 0)
  })

  test('an accepted restore is said in the words of the operator, and what this browser saw before is checked', async ({
    t,
    open,
    product,
  }) => {
    await signed(product)
    // A log that has just begun is not signed yet, and the page asks again.
    const page = await open('/ledger', { tolerate: [/503 .*\/log\/[^/]+\/(?:checkpoint|vkey)\)/] })
    await checksOn(page)
    await acceptRestore(product.services.database.pool(), 'the disk was lost')
    await page.locator('#checks').getByText('the disk was lost').waitFor({ timeout: 40_000 })
    const lines = (await checksOn(page)).join('\n')
    t.match(lines, /! Please note: The operator declared on .* after a restore: .*the disk was lost/)
    t.match(lines, /✓ Checked here: \d+ events that this browser saw in the former log are all still there/)
    await page.locator('#forks').getByText('the disk was lost').waitFor({ timeout: 40_000 })
    t.match(await page.locator('#forks').innerText(), en.ledger.gaveNothingUp)
  })
})

/** Waits until everything recorded is signed. */
async function signed({ client, url }: Product): Promise<void> {
  const { position } = await client.portfolio()
  await eventually(async () => (await (await fetch(`${url}/log/checkpoint`)).text()).includes(`\n${position}\n`), {
    within: 20_000,
  })
}

/** The lines of the checks, once there is a result. */
async function checksOn(page: Page): Promise<string[]> {
  await page.locator('.checks .check').first().waitFor({ timeout: 20_000 })
  return (await page.locator('.checks .check').allInnerTexts()).map((line) => line.replaceAll(/\s+/g, ' ').trim())
}

/** Changes answers on their way to the browser. */
async function change(context: BrowserContext, path: RegExp, tamper: (body: string) => string): Promise<void> {
  await context.route(path, async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, body: tamper(await response.text()) })
  })
}
