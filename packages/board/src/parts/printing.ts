import { signal } from '@preact/signals'

/** Whether the page is being printed: then everything is unfolded. */
export const printing = signal(false)
