/** Asks for the key that reading requires here. */
import { giveKey } from '../data/api-key.ts'
import { KeyForm } from '../parts/key-form.tsx'
import { say } from '../texts/reader.ts'
import { useTitle } from '../time/title.ts'

export function KeyPage() {
  const words = say.value.key
  useTitle(words.title)
  return (
    <KeyForm name="key" words={words} give={giveKey}>
      <h1 tabIndex={-1}>{words.title}</h1>
    </KeyForm>
  )
}
