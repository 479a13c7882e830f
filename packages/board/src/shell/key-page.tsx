/** Asks for the key that reading requires here. */
import { giveKey } from '../data/api-key.ts'
import { say } from '../texts/reader.ts'
import { useTitle } from '../time/title.ts'

export function KeyPage() {
  const words = say.value.key
  useTitle(words.title)
  return (
    <form
      class="panel"
      onSubmit={(event) => {
        event.preventDefault()
        const given = new FormData(event.currentTarget).get('key')
        if (typeof given === 'string' && given.trim() !== '') giveKey(given.trim())
      }}
    >
      <h1 tabIndex={-1}>{words.title}</h1>
      <p>{words.why}</p>
      <p>
        <label>
          {words.label} <input name="key" type="password" autocomplete="off" required />
        </label>{' '}
        <button type="submit">{words.use}</button>
      </p>
    </form>
  )
}
