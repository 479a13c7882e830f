import { say } from '../texts/reader.ts'
import { useTitle } from '../time/title.ts'
import { hrefOf } from '../url/location.ts'

/** The page for an address that the board does not have. */
export function NowherePage({ path }: { readonly path: string }) {
  const words = say.value.nowhere
  useTitle(words.title)
  return (
    <>
      <h1 tabIndex={-1}>{words.title}</h1>
      <p>
        <code>{path}</code>
      </p>
      <p>
        <a href={hrefOf({ name: 'overview' })}>{words.home}</a>
      </p>
    </>
  )
}
