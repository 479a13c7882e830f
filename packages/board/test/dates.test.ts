import t from 'tap'
import { lastDayOf, reachOf } from '../src/dates/bounds.ts'
import { daysBetween, todayIn } from '../src/dates/days.ts'
import { instantInWords } from '../src/dates/instants.ts'
import { shapeOf } from '../src/dates/shape.ts'
import { inWords } from '../src/dates/words.ts'

const said: readonly (readonly [string | null, string, string, string])[] = [
  ['2023-06-22', '22 June 2023', '22 tháng 6, 2023', '2023년 6월 22일'],
  ['2024-07', 'July 2024', 'tháng 7 năm 2024', '2024년 7월'],
  ['2023', '2023 (day not known)', 'năm 2023', '2023년'],
  [
    '[2024-07..2026-10]',
    'some day between July 2024 and October 2026',
    'một ngày trong khoảng tháng 7 năm 2024 – tháng 10 năm 2026',
    '2024년 7월과 2026년 10월 사이의 어느 날',
  ],
  ['[2018..]', '2018 or later', 'từ năm 2018 trở đi', '2018년 이후'],
  ['[..2021]', '2021 or earlier', 'muộn nhất năm 2021', '늦어도 2021년'],
  ['2014/2023', 'from 2014 to 2023', 'từ 2014 đến 2023', '2014년부터 2023년까지'],
  ['2024/..', 'since 2024, still running', 'từ năm 2024, đang tiếp diễn', '2024년부터 진행 중'],
  [null, 'date not known', 'không rõ ngày', '날짜 미상'],
]

t.test('each form of a date is worded as precisely as it is known, in each language', async (t) => {
  for (const [when, en, vi, ko] of said) {
    t.equal(inWords(when, 'en'), en)
    t.equal(inWords(when, 'vi'), vi)
    t.equal(inWords(when, 'ko'), ko)
  }
})

t.test('no unknown day is shown', async (t) => {
  for (const when of ['2024-07', '2023', '[2024-07..2026-10]', '[2018..]', '2014/2023']) {
    for (const language of ['en', 'vi', 'ko'] as const) {
      t.notMatch(inWords(when, language), /\b(?:0?1|31|30)\b(?! ?(?:월|năm))|1일|31일/, `${when} ${language}`)
    }
  }
})

t.test('a date has the form in which it was recorded', async (t) => {
  t.same(shapeOf('[2018..]'), { form: 'between', from: '2018', to: null })
  t.same(shapeOf('2024/..'), { form: 'lasting', from: '2024', to: null })
  t.same(shapeOf(null), { form: 'unknown' })
})

t.test('dates are sorted and drawn by their first and last possible days', async (t) => {
  t.equal(lastDayOf('2024-02'), '2024-02-29')
  t.equal(lastDayOf('[2018..]'), null)
  t.same(reachOf(['2020', null, '[2018..]', '2023-05']), { from: '2018-01-01', to: '2023-05-31' })
  t.equal(reachOf([null]), null)
})

t.test('days are counted by the calendar', async (t) => {
  t.equal(daysBetween('2020-12-31', '2026-11-29'), 2159)
})

t.test('a moment is shown in the time zone of the ledger, with that time zone', async (t) => {
  const instant = '2026-11-28T17:10:36.5Z'
  t.equal(instantInWords(instant, 'en', 'Asia/Ho_Chi_Minh'), '29 Nov 2026, 00:10 GMT+7')
  t.match(instantInWords(instant, 'ko', 'Asia/Ho_Chi_Minh'), /2026\. 11\. 29\..*GMT\+7/)
  t.equal(todayIn('Asia/Ho_Chi_Minh', new Date(instant)), '2026-11-29')
})
