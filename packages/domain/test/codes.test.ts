import { countries, currencies, isCountry, isCurrency, languageFault } from '@commitments/domain'
import t from 'tap'

t.test('every country code is known to Intl, and there are the 249 of ISO 3166-1', async (t) => {
  const names = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' })
  t.equal(new Set(countries).size, 249)
  t.same(countries, countries.toSorted())
  t.same(
    countries.filter((code) => names.of(code) === undefined),
    [],
  )
})

t.test('reserved, withdrawn and invented country codes are refused', async (t) => {
  for (const code of ['EU', 'UK', 'SU', 'XK', 'ZZ', 'vn', 'VNM', '']) t.notOk(isCountry(code), code)
})

t.test('every currency that Intl knows is accepted', async (t) => {
  const missing = Intl.supportedValuesOf('currency').filter((code) => !isCurrency(code))
  t.same(missing, [])
  t.equal(new Set(currencies).size, currencies.length)
})

t.test('language tags are accepted in canonical form if their parts exist', async (t) => {
  for (const tag of [
    'en',
    'vi',
    'ko',
    'fr',
    'zh-Hant',
    'pt-BR',
    'es-419',
    'tyz',
    'hmn',
    'mul',
    'sr-Latn-RS',
    'de-1901',
  ]) {
    t.equal(languageFault(tag), undefined, tag)
  }
})

t.test('an existing language tag in another form is refused with its canonical form', async (t) => {
  t.match(languageFault('EN'), /"en"/)
  t.match(languageFault('zh-hant'), /"zh-Hant"/)
  t.match(languageFault('eng'), /"en"/)
  t.match(languageFault('iw'), /"he"/)
})

t.test('an invalid language tag, or one with unknown parts, is refused', async (t) => {
  const refused = [
    '',
    'x',
    'xx',
    'qqq',
    'english',
    'en_US',
    'en-',
    'und',
    'vi-QZ',
    'vi-Xxxx',
    '__proto__',
    'constructor',
    'a'.repeat(500),
  ]
  for (const tag of refused) t.match(languageFault(tag), /BCP 47/, tag.slice(0, 40))
})

t.test('the verdict on a tag does not change after many others were checked', async (t) => {
  t.equal(languageFault('vi'), undefined)
  for (let n = 0; n < 3_000; n += 1) languageFault(`x${n}`)
  t.equal(languageFault('vi'), undefined)
  t.match(languageFault('xx'), /not known/)
})
