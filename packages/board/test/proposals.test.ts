import type { BulkLine } from '@commitments/client'
import { parse } from 'csv-parse/sync'
import { en } from '../src/texts/en.ts'
import { ko } from '../src/texts/ko.ts'
import { vi } from '../src/texts/vi.ts'
import { inBrowser } from './support/browser.ts'
import { readLedger } from './support/ledger.ts'
import { settled } from './support/looking.ts'

/** Each form of a date, and its words in each language. */
const forms: readonly (readonly [when: string | null, en: string, vi: string, ko: string])[] = [
  ['2021-06-22', '22 June 2021', '22 tháng 6, 2021', '2021년 6월 22일'],
  ['2021-07', 'July 2021', 'tháng 7 năm 2021', '2021년 7월'],
  ['2021', '2021 (day not known)', 'năm 2021', '2021년'],
  [
    '[2021-07..2022-10]',
    'some day between July 2021 and October 2022',
    'một ngày trong khoảng tháng 7 năm 2021 – tháng 10 năm 2022',
    '2021년 7월과 2022년 10월 사이의 어느 날',
  ],
  ['[2018..]', '2018 or later', 'từ năm 2018 trở đi', '2018년 이후'],
  ['[..2022]', '2022 or earlier', 'muộn nhất năm 2022', '늦어도 2022년'],
  ['2014/2022', 'from 2014 to 2022', 'từ 2014 đến 2022', '2014년부터 2022년까지'],
  ['2022/..', 'since 2022, still running', 'từ năm 2022, đang tiếp diễn', '2022년부터 진행 중'],
  [null, 'date not known', 'không rõ ngày', '날짜 미상'],
]

const texts = { en, vi, ko }

/** How days are written: 22 June 2021 is the only recorded day of the test proposal. */
const writtenDays = {
  en: /\b\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December) \d{4}/g,
  vi: /\b\d{1,2} tháng \d{1,2}, \d{4}/g,
  ko: /\d{4}년 \d{1,2}월 \d{1,2}일/g,
}

inBrowser((test) => {
  test('before its first event a proposal is said to have none yet, and one link leads to now', async ({ t, open }) => {
    const tolerate = [/status of 404/]
    for (const moment of ['asOf=1990-01-01', 'knownAtPosition=1', 'asOf=1990-01-01&knownAtPosition=200']) {
      const page = await open(`/proposals/vkist-phase-2?${moment}`, { tolerate })
      t.equal(await page.locator('main .empty').innerText(), en.proposal.nothingThen)
      await page.locator('main').getByRole('link', { name: en.time.back }).click()
      await page.getByRole('heading', { level: 1, name: 'VKIST project, phase 2' }).waitFor()
      await page.waitForURL(({ search }) => search === '')
      await page.context().close()
    }
    const page = await open('/proposals/nobody-recorded-it', { tolerate })
    await page.getByRole('link', { name: en.proposal.searchInstead }).waitFor()
    t.equal(await page.getByText(en.proposal.nothingThen).count(), 0)
  })

  test('a recorded word of any length stays on the page, and marks of direction in it turn nothing beside it', async ({
    t,
    open,
    product,
  }) => {
    const word = 'W'.repeat(300)
    const proposalId = 'long-words'
    const made = await product.client.recordEvent(proposalId, {
      type: 'proposed',
      occurredOn: '2024',
      assertedBy: 'most-vn',
      data: {
        title: { en: word, ko: '가'.repeat(300), ar: '\u202eمشروع' },
        kind: 'system',
        planned: { end: '2025-06' },
        parties: [{ party: 'most-vn', name: { en: word.slice(0, 200) }, roles: ['proposer'] }],
      },
    })
    await product.client.waitFor(made.position)
    const page = await open('about:blank', { viewport: { width: 360, height: 740 } })
    const lists = ['table', 'dates', 'programmes'].map((view) => `/proposals?view=${view}&ids=${proposalId}`)
    for (const path of [`/?ids=${proposalId}`, '/activity', ...lists, `/proposals/${proposalId}`]) {
      await page.goto(path)
      await page.locator('main .recorded', { hasText: word }).filter({ visible: true }).first().waitFor()
      await settled(page)
      t.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), path)
    }
    const bidi = await page
      .locator('.recorded[lang=ar]')
      .first()
      .evaluate((text) => getComputedStyle(text).unicodeBidi)
    t.equal(bidi, 'plaintext')
  })

  test('the event of the address is open, marked and focused, and nothing covers it', async ({ t, open }) => {
    const page = await open('/proposals/vkist#v10')
    const entry = page.locator('#v10')
    await entry.locator('.sources').first().waitFor()
    await settled(page)
    t.match(await entry.getAttribute('class'), /marked/)
    await page.waitForFunction(() => document.activeElement?.id === 'v10')
    await page.waitForFunction(() => {
      const element = document.getElementById('v10')
      if (element === null) return false
      const { top, left } = element.getBoundingClientRect()
      if (top < 0 || top >= innerHeight) return false
      return element.contains(document.elementFromPoint(left + 20, top + 8))
    })
    t.equal(await page.locator('.entry.marked').count(), 1)
    t.ok(await entry.locator('.entry-details').evaluate((details: HTMLDetailsElement) => details.open))
  })

  test('money is shown line by line with provider and receiver, and a contest with both claims and their sources', async ({
    t,
    open,
    product,
  }) => {
    const { proposal } = (await readLedger(product)).at().find((one) => one.proposal.proposalId === 'vkist') ?? {}
    if (proposal === undefined) throw new Error('The portfolio has no vkist.')
    const page = await open('/proposals/vkist')
    await page.locator('.timeline .entry').first().waitFor()
    await settled(page)
    const nameOf = (id: string) => proposal.parties.find(({ party }) => party === id)?.name?.en ?? id
    const lines = await page.locator('.lines > li').allInnerTexts()
    t.equal(lines.length, proposal.lines.length)
    for (const [place, { provider, receiver, currency }] of proposal.lines.entries()) {
      t.match(lines[place], `${nameOf(provider)} → ${nameOf(receiver)}`)
      t.match(lines[place], new RegExp(`${currency}\\s[\\d,]+`))
    }
    t.equal(proposal.lines.length, 2)
    t.equal(await page.locator('.claim').count(), 2)
    for (const claim of await page.locator('.claim').all())
      t.ok((await claim.locator('.sources li').count()) > 0, 'each claim has its sources beside it')
    t.equal(await page.locator('.contest del, .contest s').count(), 0, 'neither claim is struck through')
  })

  test('a corrected value is struck through next to the right one, with the event that corrected it', async ({
    t,
    open,
    product,
  }) => {
    const ledger = await readLedger(product)
    const ofVkist = ledger.events.filter(({ proposalId }) => proposalId === 'vkist')
    const corrections = ofVkist.flatMap(({ version, ...event }) =>
      event.type === 'corrected' ? event.data.corrections.map((correction) => ({ version, ...correction })) : [],
    )
    t.ok(corrections.length > 0)
    const page = await open('/proposals/vkist')
    await page.locator('.timeline .entry').first().waitFor()
    await settled(page)
    for (const { version, event, occurredOn } of corrections) {
      const entry = page.locator(`#v${event}`)
      t.match(await entry.innerText(), `Corrected by #${version}`)
      const before = ofVkist.find((one) => one.version === event)
      if (occurredOn === undefined || occurredOn === before?.occurredOn) continue
      t.equal(await entry.locator('.entry-happened del').count(), 1)
      t.match(await entry.locator('.entry-happened del').innerText(), /^was/)
      t.match(await entry.locator('.entry-happened ins').innerText(), /^now/)
    }
  })

  test('each form of a date is shown as precisely as it was recorded, in each language, and no day is invented', async ({
    t,
    open,
    product,
  }) => {
    const proposalId = 'dates-of-each-form'
    const { results } = await product.client.recordAtomically(madeProposal(proposalId))
    await product.client.waitFor(Math.max(...results.map(({ position }) => position)))
    for (const [place, language] of (['en', 'vi', 'ko'] as const).entries()) {
      const page = await open(`/proposals/${proposalId}?lang=${language}`)
      await page.locator('.timeline .entry').nth(forms.length).waitFor()
      await settled(page)
      for (const [index, form] of forms.entries())
        t.equal((await page.locator(`#v${index + 2} .entry-happened`).innerText()).split('\n').at(-1), form[place + 1])
      for (const path of [
        `/proposals/${proposalId}?lang=${language}`,
        `/proposals?ids=${proposalId}&lang=${language}`,
        `/proposals?ids=${proposalId}&view=dates&lang=${language}`,
      ]) {
        await page.goto(path)
        await page.locator('main a').first().waitFor()
        await settled(page)
        const said = await page.evaluate((latest) => {
          const shown = document.querySelector('main')?.cloneNode(true) as HTMLElement
          // The recorded line and the times of recording are shown unchanged.
          for (const part of shown.querySelectorAll('pre, .entry-recorded, time[datetime*=T]')) part.remove()
          // The columns of the map are the days from which events count: without a date, that of the recording.
          shown.querySelector('.status-map')?.remove()
          // The last possible day, from which days are counted, is labelled as such.
          for (const day of shown.querySelectorAll('p > time'))
            if (day.parentElement?.textContent.startsWith(latest)) day.remove()
          const attributes = [...shown.querySelectorAll('*')].flatMap((element) =>
            ['title', 'aria-label', 'datetime', 'aria-valuetext'].map((name) => element.getAttribute(name) ?? ''),
          )
          return `${shown.textContent} ${attributes.join(' ')}`
        }, texts[language].proposal.dueEnd)
        t.same(
          [...new Set(said.match(writtenDays[language]))].filter((day) => !String(forms[0]?.[place + 1]).includes(day)),
          [],
          path,
        )
        t.same(said.match(/\b(?:19|20)\d\d-\d\d-\d\d\b/g)?.filter((day) => day !== '2021-06-22') ?? [], [], path)
      }
      const csv = await fetch(`${product.url}/v1/proposals?ids=${proposalId}&format=csv&lang=${language}`)
      const [record]: Record<string, string>[] = parse(await csv.text(), { bom: true, columns: true })
      t.match(record, { plannedStart: '2021-07', plannedEnd: '[2021-07..2022-10]' })
      await page.context().close()
    }
  })

  test('a date is drawn as far as it is known: a dot, a bar, hatching between brackets, and nothing for an unknown date', async ({
    t,
    open,
    product,
  }) => {
    const made = forms.map(([when], place) => ({ when, proposalId: `drawn-${place}` }))
    const { results } = await product.client.recordAtomically(
      made.map(({ when, proposalId }) => proposed(proposalId, { end: when })) as never,
    )
    await product.client.waitFor(Math.max(...results.map(({ position }) => position)))
    const page = await open(`/proposals?view=dates&ids=${made.map(({ proposalId }) => proposalId).join(',')}`)
    await page.locator('.undated').waitFor()
    await settled(page)
    for (const { when, proposalId } of made) {
      const row = page.locator(when === null ? '.undated li' : '.dates-row', {
        has: page.locator(`a[href*="${proposalId}"]`),
      })
      const marks = await row.locator('.mark').evaluateAll((all) =>
        all.map((mark) => ({
          tag: mark.tagName,
          lasted: mark.classList.contains('lasted'),
          hatched: mark.querySelector('.hatched') !== null,
          brackets: mark.querySelectorAll('.bracket').length,
          arrow: mark.querySelector('path:not(.bracket)') !== null,
        })),
      )
      t.match(marks, drawnOf(when), String(when))
      t.equal(marks.length, drawnOf(when).length, String(when))
    }
  })
})

function drawnOf(when: string | null): object[] {
  if (when === null) return []
  if (when.startsWith('[')) {
    const open = when.includes('..]') || when.includes('[..')
    return [{ tag: 'g', hatched: true, brackets: open ? 1 : 2 }]
  }
  if (when.includes('/')) return [{ tag: 'g', lasted: true, hatched: false, arrow: when.endsWith('..') }]
  return [{ tag: when.length === 10 ? 'circle' : 'rect' }]
}

const source = [{ title: 'A paper that was made for this test', language: 'en', supports: 'That it was made.' }]

function proposed(proposalId: string, planned: object): object {
  return {
    proposalId,
    type: 'proposed',
    occurredOn: null,
    confidence: 'reported',
    evidence: source,
    data: {
      title: { en: `Made: ${proposalId}` },
      kind: 'forum',
      parties: [{ party: 'gov-vn', roles: ['proposer'] }],
      planned,
    },
  }
}

/** A proposal with an event for each form of date. */
function madeProposal(proposalId: string): BulkLine[] {
  const events = forms.map(([occurredOn], index) => ({
    proposalId,
    type: 'evidence-attached',
    occurredOn,
    confidence: 'reported',
    evidence: [{ ...source[0], supports: `Number ${index}` }],
    data: { event: 1 },
  }))
  return [proposed(proposalId, { start: '2021-07', end: '[2021-07..2022-10]' }), ...events] as BulkLine[]
}
