/** The modules of the projection service that commands load. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'

/** Prints the address of every module that `import(entry)` loads. */
const listModules = (entry: string) => `
  import { registerHooks } from 'node:module'
  registerHooks({ load: (url, context, next) => (console.log(url), next(url, context)) })
  await import(${JSON.stringify(entry)})`

async function modulesOf(entry: string): Promise<string> {
  const parameters = ['--input-type=module', '--eval', listModules(entry)]
  const { stdout } = await promisify(execFile)(process.execPath, parameters, { cwd: import.meta.dirname })
  return stdout
}

t.test('what a rebuild needs is loaded without HTTP and without Kysely', async (t) => {
  const loaded = await modulesOf('@commitments/projection/maintenance')
  t.match(loaded, /\/rebuild\/rebuild\.ts$/m)
  t.notMatch(loaded, /node_modules\/(fastify|kysely)\//)
  t.match(await modulesOf('@commitments/projection'), /node_modules\/fastify\//, 'a service would have been seen')
})
