import * as fc from 'fast-check'
import t from 'tap'
import { elementsOf } from '../src/elements.ts'

const element = fc.dictionary(fc.string(), fc.jsonValue())

t.test('each element keeps its bytes', async (t) => {
  const texts = fc.array(
    fc.tuple(element, fc.constantFrom(0, 1)).map(([value, indent]) => JSON.stringify(value, null, indent)),
  )
  fc.assert(
    fc.property(texts, fc.constantFrom('', ' ', '\n'), (elements, space) => {
      t.same(elementsOf(`[${space}${elements.join(`${space},${space}`)}${space}]`), elements)
    }),
  )
})

t.test('what JSON would write otherwise stays as it is', async (t) => {
  const elements = ['{"a":1.0,"b":1e2,"c":"\\u0041]}\\"{","2":0,"1":[{"d":"\\\\"}]}']
  t.same(elementsOf(`[${elements.join()}]`), elements)
})

t.test('a text that was cut short is refused', async (t) => {
  const whole = '[{"a":"}]"},{"b":[1]}]'
  for (let length = 0; length < whole.length; length++) {
    t.throws(() => elementsOf(whole.slice(0, length)), SyntaxError, whole.slice(0, length))
  }
})
