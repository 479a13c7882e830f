import { ConfigError, loadApiKeys, parseConfig, port, readDatabaseAddress, readTogether } from '@commitments/http-kit'
import t from 'tap'
import { z } from 'zod'

t.test('errors in all parts of the configuration are reported at once, and each once', async (t) => {
  const environment = { PORT: 'none', API_KEYS: 'no-secret' }
  const read = () =>
    readTogether({
      config: () => parseConfig(z.object({ PORT: port(1) }), environment),
      keys: () => loadApiKeys(environment),
      again: () => loadApiKeys(environment),
      address: () => readDatabaseAddress(environment, 'command'),
    })
  try {
    read()
    t.fail('these are mistakes')
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    t.match(error.mistakes, [/^PORT/, /^API_KEYS/, /^COMMAND_DATABASE_URL/])
    t.equal(error.mistakes.length, 3)
  }
})

t.test('a service with its own database address does not switch roles; with the owner’s it does', async (t) => {
  const owner = 'postgres://owner@127.0.0.1/ledger'
  const own = 'postgres://projection@127.0.0.1/ledger'
  t.same(readDatabaseAddress({ DATABASE_URL: owner, PROJECTION_DATABASE_URL: own }, 'projection'), { url: own })
  t.same(readDatabaseAddress({ DATABASE_URL: owner }, 'projection'), { url: owner, role: 'projection' })
})
