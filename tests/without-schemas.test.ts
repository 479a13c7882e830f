import { registerHooks } from 'node:module'
import t from 'tap'

/** Every module that loading one subpath of this package loads. */
async function loadedBy(subpath: string): Promise<string[]> {
  const loaded: string[] = []
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context)
      loaded.push(found.url.replace(/^.*\/packages\/domain\//, ''))
      return found
    },
  })
  await import(`@commitments/domain/${subpath}`)
  hooks.deregister()
  return loaded
}

t.test('dates are read without zod, and without anything else', async (t) => {
  t.same(await loadedBy('when'), ['src/when.ts'])
})

t.test('words are loaded without zod: each of their files contains only words', async (t) => {
  const loaded = await loadedBy('words')
  t.ok(loaded.includes('src/words/stages.ts'))
  t.same(
    loaded.filter((file) => !file.startsWith('src/words/')),
    [],
  )
})
