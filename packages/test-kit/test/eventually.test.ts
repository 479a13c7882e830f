import { eventually } from '@commitments/test-kit'
import t from 'tap'

t.test('it retries until the attempt neither throws nor returns false or null', async (t) => {
  const answers = [() => false, () => null, () => Promise.reject(new Error('not yet')), () => 'there']
  t.equal(await eventually(() => answers.shift()?.() as string | null, { every: 1 }), 'there')
})

t.test('an attempt that only asserts is done when it stops throwing', async (t) => {
  t.equal(await eventually(() => undefined), undefined)
})

t.test('it gives up with the last failure as the cause', async (t) => {
  const cause = new Error('still 3')
  await t.rejects(
    eventually(() => Promise.reject(cause), { within: 20, every: 5 }),
    { message: 'Not within 20 ms: still 3', cause },
  )
})
