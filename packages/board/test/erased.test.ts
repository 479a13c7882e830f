/** How a history reads after texts of it were erased. */
import { example } from '@commitments/test-kit'
import { en } from '../src/texts/en.ts'
import { ko } from '../src/texts/ko.ts'
import { vi } from '../src/texts/vi.ts'
import { inBrowser } from './support/browser.ts'
import { eachLook, languages } from './support/looks.ts'
import { apiKey, otherKey, type Product } from './support/product.ts'

const texts = { en, vi, ko }
const secret = 'Nguyen Van Secret'
const map = { en: `Laboratory of ${secret}`, vi: `Phòng thí nghiệm ${secret}`, ko: `${secret} 연구소` }
const reason = {
  en: 'It named a private person.',
  vi: 'Nội dung nêu tên một cá nhân.',
  ko: '개인의 이름이 적혀 있었다.',
}
const decidedBy = {
  en: 'Data protection officer, decision 12/2026',
  vi: 'Cán bộ bảo vệ dữ liệu, quyết định 12/2026',
  ko: '개인정보 보호책임자, 결정 12/2026',
}

/** A history in which the secret is in an event, in its correction, and in a retracted one; all three are erased. */
async function recordErased({ client, commandUrl }: Product): Promise<void> {
  const evidence = [{ title: `Letter of ${secret}`, supports: `${secret} says so`, url: 'https://example.org/secret' }]
  const bodies = [
    example('proposed', { title: map, summary: map }, { evidence }),
    example('milestone-planned', { milestone: 'opening', title: map, due: '2027-06' }),
    example('corrected', {
      reason: map,
      corrections: [{ event: 2, data: { milestone: 'opening', title: map, due: '2027-07' } }],
    }),
    example('updated', { title: { ...map, en: `Workshop of ${secret}` } }),
    example('retracted', { events: [4], reason: { en: 'The title was right before.' } }),
  ]
  const positions: number[] = []
  for (const body of bodies) positions.push((await client.recordEvent('erased-lab', body)).position)
  const post = async (path: string, key: string, body?: object) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    const answer = await fetch(`${commandUrl}/v1/admin/erasures${path}`, {
      method: 'POST',
      headers: body ? headers : { authorization: headers.authorization },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    if (!answer.ok) throw new Error(await answer.text())
    return (await answer.json()) as { readonly erasureId: string }
  }
  const asked = { positions: positions.slice(0, 4), reason, decidedBy }
  const { erasureId } = await post('', apiKey, asked)
  await post(`/${erasureId}/approval`, otherKey)
  await client.waitFor((positions.at(-1) ?? 0) + 1)
}

inBrowser(
  (test) => {
    test('an erased event says so and why, and its record says who decided it, in each language', async ({
      t,
      open,
      product,
    }) => {
      await recordErased(product)
      const chosen = languages.flatMap((lang) =>
        [360, 1_280].map((width) => ({ lang, width, theme: 'light' as const })),
      )
      await eachLook(
        open,
        [...chosen, { lang: 'en' as const, width: 1_280, theme: 'dark' as const }].map((look) => ({
          ...look,
          path: '/proposals/erased-lab#v6',
        })),
        async (page, name) => {
          const lang = languages.find((one) => name.includes(` ${one} `)) ?? 'en'
          const words = texts[lang].proposal
          await page.locator('#v6 .members').first().waitFor()
          for (const version of [1, 2, 3, 4]) {
            const entry = page.locator(`#v${version}`)
            t.ok((await entry.innerText()).includes(`█ ${words.erased} #6: ${reason[lang]}`), `${name} ${version}`)
            t.equal(await entry.locator(`a[href="#v6"]`).count(), 1)
          }
          t.match(await page.locator('#v2').innerText(), `✎ ${words.correctedBy} #3: █`)
          t.match(
            await page.locator('#v4.retracted').innerText(),
            `✕ ${words.retractedBy} #5: The title was right before.`,
          )
          const record = page.locator('#v6')
          t.match(await record.locator('.entry-title').innerText(), `${reason[lang]} · ${decidedBy[lang]}`)
          t.same(await record.locator('.button').allInnerTexts(), [texts[lang].record.about.contested], name)
          t.equal(await page.locator('.other-languages').count(), 0, 'a mark needs no translation')
          t.notMatch(await page.content(), secret, name)
          t.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} is not too wide`)
        },
      )
    })
  },
  { empty: true },
)
