import { describeEventTypes } from '@commitments/domain'
import { inBrowser } from './support/browser.ts'
import { settled } from './support/looking.ts'
import { apiKey } from './support/product.ts'
import { button, fillRisk, giveKey, openForm, propose, tolerate, words } from './support/recording.ts'

inBrowser((test) => {
  test('each type of event has a form, and those possible from here come first', async ({ t, open }) => {
    const page = await open('/proposals/vkist-phase-2/record')
    await settled(page)
    const types = describeEventTypes().filter(({ from }) => from.accepts !== 'new')
    t.equal(await page.locator('.event-choice a').count(), types.length)
    const possible = await page.locator('.event-choice').first().innerText()
    t.match(possible, /Agreed/)
    t.notMatch(possible, /Closed/)
    for (const { type } of types) {
      await page.locator(`.event-choice a[href$="/record/${type}"]`).click()
      await page.locator('.record-form .checked').waitFor()
      t.ok((await page.locator('.record-form :is(input, select, textarea)').count()) > 3, type)
      await page.goBack()
      await page.locator('.event-choice').first().waitFor()
    }
  })

  test('the Overview, the list and each proposal lead to the forms, and the past to none', async ({ t, open }) => {
    for (const [path, name] of [
      ['/', words.proposal],
      ['/proposals', words.proposal],
      ['/proposals/kadif', words.event],
    ] as const) {
      const page = await open(path)
      await settled(page)
      await page.getByRole('link', { name, exact: true }).click()
      await page.waitForURL(/\/record$/)
      await page.locator('h1').waitFor()
      await page.goto(`${path}?asOf=2025-12-31`)
      await settled(page)
      t.equal(await page.locator('a[href*="/record"]').count(), 0, path)
      await page.context().close()
    }
  })

  test('an event is checked while it is filled in, with the status before and after, and recorded once', async ({
    t,
    open,
    product,
  }) => {
    const proposalId = await propose(product)
    const page = await openForm(open, `/proposals/${proposalId}/record/risk-flagged`)
    await fillRisk(page, 'The budget is late')
    await page.getByText(words.acceptable(2)).waitFor()
    const rows = await page.locator('.before-after tbody tr').allInnerTexts()
    t.match(rows.join('\n'), /Condition\s+No date known\s+At risk/i)
    await button(page, words.send).dblclick()
    await page.locator('.recorded-now').waitFor()
    await page.getByRole('link', { name: words.open }).click()
    await page.locator('#v2').waitFor()
    t.match(await page.locator('#v2').innerText(), /The budget is late/)
    t.equal(await page.locator('#v3').count(), 0)
    t.equal(await page.evaluate(() => JSON.stringify(localStorage).includes('commitments.draft')), false)
  })

  test('a new proposal is recorded under the id that its author chooses', async ({ t, open, product }) => {
    const page = await openForm(open, '/record')
    await page.getByLabel(words.proposalId).fill('made-on-the-board')
    await page.getByLabel(words.precision).first().selectOption('unknown')
    await page.getByLabel('Title (English)').fill('Made on the board')
    await page.locator('#field-data-kind').selectOption('system')
    await page.locator('#field-data-parties-0-party').fill('most-vn')
    await page.getByRole('checkbox', { name: 'Proposer' }).check()
    await page.locator('#field-assertedBy').fill('most-vn')
    await page.getByText(words.acceptable(1)).waitFor()
    await button(page, words.send).click()
    await page.locator('.recorded-now').waitFor()
    await page.getByRole('link', { name: words.open }).click()
    // The page waits for what was just recorded. A read of its own would have to wait too.
    await page.locator('#v1').waitFor()
    const { value } = await product.client.get('/v1/proposals/{proposalId}', {
      path: { proposalId: 'made-on-the-board' },
      query: {},
    })
    t.match(value, { title: { en: 'Made on the board' }, stage: 'proposed' })
  })

  test('the key is in no address and not kept beyond the window', async ({ t, open, product }) => {
    const proposalId = await propose(product)
    const page = await openForm(open, `/proposals/${proposalId}/record/started`)
    await button(page, words.key.forget).waitFor()
    t.notMatch(page.url(), new RegExp(apiKey))
    t.notMatch(await page.evaluate(() => JSON.stringify(localStorage)), new RegExp(apiKey))
    await page.reload()
    await button(page, words.key.forget).waitFor()
  })

  test('draft and name of the request survive a reload, and a lost answer offers the same request again', async ({
    t,
    open,
    product,
  }) => {
    const proposalId = await propose(product)
    const page = await openForm(open, `/proposals/${proposalId}/record/risk-flagged`)
    await fillRisk(page, 'The answer is lost')
    await page.getByText(words.acceptable(2)).waitFor()
    await page.reload()
    await page.getByText(words.acceptable(2)).waitFor()
    t.equal(await page.getByLabel('Reason (English)').inputValue(), 'The answer is lost')
    const keys: (string | undefined)[] = []
    await page.route('**/events', async (route) => {
      keys.push(route.request().headers()['idempotency-key'])
      await route.fetch()
      await route.abort()
    })
    await button(page, words.send).click()
    await button(page, words.again).waitFor({ timeout: 20_000 })
    t.equal(await page.getByLabel('Reason (English)').isDisabled(), true)
    await page.unrouteAll({ behavior: 'wait' })
    await page.reload()
    const [again] = await Promise.all([
      page.waitForRequest((request) => request.method() === 'POST'),
      button(page, words.again).click(),
    ])
    await page.locator('.recorded-now').waitFor()
    t.equal(new Set([...keys, again.headers()['idempotency-key']]).size, 1)
    await page.getByRole('link', { name: words.open }).click()
    await page.locator('#v2').waitFor()
    t.equal(await page.locator('#v3').count(), 0)
  })

  test('what others recorded meanwhile is shown, and the form goes on only when it was seen', async ({
    t,
    open,
    product,
  }) => {
    const proposalId = await propose(product)
    const page = await openForm(open, `/proposals/${proposalId}/record/risk-flagged`)
    await fillRisk(page, 'Mine')
    await page.getByText(words.acceptable(2)).waitFor()
    await product.client.recordEvent(proposalId, {
      type: 'risk-flagged',
      occurredOn: '2025-02',
      assertedBy: 'most-vn',
      data: { reason: { en: 'Theirs' }, severity: 'high' },
    })
    await button(page, words.send).click()
    await page.getByText(words.between(1)).waitFor()
    await page.locator('.banner', { hasText: 'Theirs' }).waitFor()
    t.equal(await page.getByLabel('Reason (English)').inputValue(), 'Mine')
    await button(page, words.goOn).click()
    await page.getByText(words.acceptable(3)).waitFor()
    await button(page, words.send).click()
    await page.getByText(/Recorded as event 3/).waitFor()
  })

  test('a correction and a retraction start from the event, with what is known of it now', async ({
    t,
    open,
    product,
  }) => {
    const proposalId = await propose(product)
    const page = await open(`/proposals/${proposalId}`, { tolerate })
    await settled(page)
    await page.locator('#v1 summary').first().click()
    await page.locator('#v1').getByRole('link', { name: words.about.corrected }).click()
    await giveKey(page)
    const title = page.getByLabel('Title (English)')
    t.match(await title.inputValue(), /^By hand/)
    await title.fill('By a careful hand')
    await page.getByLabel('Reason (English)').fill('A typing mistake')
    await page.locator('#field-assertedBy').fill('most-vn')
    await page.getByText(words.acceptable(2)).waitFor()
    await button(page, words.send).click()
    await page.locator('.recorded-now').waitFor()
    await page.getByRole('link', { name: words.open }).click()
    await page.locator('#v2').waitFor()
    const { event } = (
      await product.client.get('/v1/proposals/{proposalId}/events', { path: { proposalId }, query: {} })
    ).value.events.at(-1) as { event: { data: { corrections: object[] } } }
    t.same(
      Object.keys(event.data.corrections[0] ?? {}).toSorted(),
      ['data', 'event'],
      'nothing that was left as it was',
    )
    await page.goto(`/proposals/${proposalId}/record/retracted/1`)
    await page.locator('.record-form').waitFor()
    t.equal(await page.locator('#field-data-events-0').inputValue(), '1')
  })
})
