import type { RunOptions } from '../engine/engine.ts'

type Ask = NonNullable<RunOptions['ask']>

/** Answers to the `vars_prompt` of a playbook that is played twice, as by `play --plan`: people are asked once. */
export class Answers {
  private readonly given: { readonly text: string; readonly answer: string }[] = []
  private next = 0

  /** For one more run: what was answered is answered again, in the same order. */
  again(ask: Ask): Ask {
    this.next = 0
    return async prompt => {
      const known = this.given[this.next]
      if (known?.text === prompt.text) {
        this.next++
        return known.answer
      }
      const answer = await ask(prompt)
      this.given.splice(this.next++, this.given.length, { text: prompt.text, answer })
      return answer
    }
  }
}
