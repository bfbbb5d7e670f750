/** Where a training writes: lines for people, and a line that replaces itself while it works. */
export interface Output {
  line(text: string): void
  progress(text: string, done: boolean): void
}
