/** The name of an organisation, with a link to everything that it takes part in. */
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { hrefOf } from '../url/location.ts'
import { type LanguageMap, Translated } from './translated.tsx'

/** Names of the parties of the displayed proposal. */
export const PartyNames = createContext<ReadonlyMap<string, LanguageMap>>(new Map())

export function PartyName({ party }: { readonly party: string }) {
  const name = useContext(PartyNames).get(party)
  return (
    <a href={hrefOf({ name: 'proposals' }, { party: [party] })}>
      {name === undefined ? party : <Translated text={name} />}
    </a>
  )
}
