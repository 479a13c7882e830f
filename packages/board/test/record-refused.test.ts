import { acceptedBy } from '../src/record/accepted.ts'
import { en } from '../src/texts/en.ts'
import { vi } from '../src/texts/vi.ts'
import { inBrowser } from './support/browser.ts'
import { apiKey } from './support/product.ts'
import { button, fillRisk, giveKey, openForm, propose, tolerate, words } from './support/recording.ts'

inBrowser((test) => {
  test('what is refused is said at its field in the language of the reader, and the first gets the focus', async ({
    t,
    open,
    product,
  }) => {
    const proposalId = await propose(product)
    const page = await open(`/proposals/${proposalId}/record/pledged?lang=vi`, { tolerate })
    await page.getByLabel(vi.record.key.label).fill(apiKey)
    await page.getByRole('button', { name: vi.record.key.use }).click()
    await page.locator('#field-data-amount').fill('12.5')
    await page.locator('#field-data-amount + input').fill('krw')
    await page.locator('#field-data-pledge').fill('Not A Slug')
    await page.locator('#field-data-pledge-faults').waitFor()
    for (const [member, control] of [
      ['pledge', 'slug'],
      ['amount', 'money'],
    ] as const) {
      const said = await page.locator(`#field-data-${member}-faults`).innerText()
      t.ok(said.includes(`${vi.record.notAccepted}: ${acceptedBy.vi[control]}`), said)
    }
    t.equal(await page.locator('#field-data-provider-faults').count(), 0, 'nobody was there yet')
    await button(page, vi.record.send).click()
    await page.locator('#field-data-provider-faults').waitFor()
    t.match(await page.locator('#field-data-provider-faults').innerText(), new RegExp(vi.record.missing))
    await page.waitForFunction(() => document.activeElement?.id === 'field-occurredOn')
  })

  test('an id that is not accepted is said at its field, and one that is taken leads to its proposal', async ({
    t,
    open,
    product,
  }) => {
    const proposalId = await propose(product)
    const page = await openForm(open, '/record')
    const id = page.getByLabel(words.proposalId)
    await id.fill('Not A Slug')
    await button(page, words.send).click()
    await page.locator('#field-proposalId-faults').getByText('must be a slug').waitFor()
    await page.waitForFunction(() => document.activeElement?.id === 'field-proposalId')
    t.match(await page.locator('.checked').innerText(), new RegExp(`${words.proposalId} must be a slug`))
    await id.fill(proposalId)
    await page.getByLabel(words.precision).first().selectOption('unknown')
    await page.getByLabel('Title (English)').fill('Twice')
    await page.locator('#field-data-kind').selectOption('system')
    await page.locator('#field-data-parties-0-party').fill('most-vn')
    await page.getByRole('checkbox', { name: 'Proposer' }).check()
    await page.locator('#field-assertedBy').fill('most-vn')
    await page.locator('#field-proposalId-faults').getByText(words.taken).waitFor()
    t.equal(await page.getByText('recorded since you began').count(), 0)
    const link = page.locator('.checked').getByRole('link', { name: words.open })
    t.equal(await link.getAttribute('href'), `/proposals/${proposalId}`)
    await id.fill(`${proposalId}-second`)
    await page.getByText(words.acceptable(1)).waitFor()
  })

  test('what is refused in the data of a corrected event is said at its field', async ({ t, open, product }) => {
    const proposalId = await propose(product)
    const page = await openForm(open, `/proposals/${proposalId}/record/corrected/1`)
    const party = page.locator('#field-data-corrections-0-data-parties-0-party')
    await party.fill('Not A Slug')
    await page.getByLabel('Reason (English)').fill('A typing mistake')
    await page.locator('#field-assertedBy').fill('most-vn')
    await page.locator('#field-data-corrections-0-data-parties-0-party-faults').getByText('must be a slug').waitFor()
    t.equal(await party.getAttribute('aria-invalid'), 'true')
  })

  test('a key that is refused does not settle what became of a request without an answer', async ({
    t,
    open,
    product,
  }) => {
    const proposalId = await propose(product)
    const page = await openForm(open, `/proposals/${proposalId}/record/risk-flagged`)
    await fillRisk(page, 'Sent, and then the key expired')
    await page.getByText(words.acceptable(2)).waitFor()
    await page.route('**/events', async (route) => {
      await route.fetch()
      await route.abort()
    })
    await button(page, words.send).click()
    await button(page, words.again).waitFor({ timeout: 20_000 })
    await page.unrouteAll({ behavior: 'wait' })
    await button(page, words.key.forget).click()
    await page.getByLabel(words.key.label).fill('nobody-knows-this-key')
    await page.getByRole('button', { name: words.key.use }).click()
    await button(page, words.again).click()
    await page.getByText('The key is unknown').waitFor()
    t.equal(await page.getByLabel('Reason (English)').isDisabled(), true)
    await button(page, words.key.forget).click()
    await giveKey(page)
    await button(page, words.again).click()
    await page.getByText(/Recorded as event 2/).waitFor()
  })
  test('while the history is read the page says so, and a history that is refused is asked for again on request', async ({
    t,
    open,
    product,
  }) => {
    const proposalId = await propose(product)
    const { promise: held, resolve: answer } = Promise.withResolvers<void>()
    const page = await open(`/proposals/${proposalId}/record/pledged`, {
      tolerate,
      prepare: async (context) => {
        await context.route(`**/v1/proposals/${proposalId}/events?*`, async (route) => {
          await held
          await route.fulfill({
            status: 503,
            contentType: 'application/problem+json',
            json: { type: 'about:blank', title: 'Busy', status: 503, code: 'busy', detail: 'Ask again in a second.' },
          })
        })
      },
    })
    await page.locator('main h1').waitFor()
    await page.locator('main .skeleton').waitFor()
    t.equal(await page.locator('.record-form').count(), 0)
    answer()
    await page.locator('main .failure').getByText('Ask again in a second.').waitFor()
    t.equal(await page.locator('main .skeleton').count(), 0)
    await page.context().unrouteAll({ behavior: 'wait' })
    await button(page, en.failures.retry).click()
    await page.locator('.record-form').waitFor()
    t.equal(await page.locator('main .failure').count(), 0)
  })
})
