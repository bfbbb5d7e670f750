import { bind } from '../signature.ts'
import type { Bytes, Callable } from '../values.ts'

/** A method of Python's `bytes`. */
export function bytesMethod(value: Bytes, name: string): Callable | undefined {
  if (name === 'decode') {
    return (args, kwargs) => {
      bind('decode', ['encoding', 'errors'], args, kwargs)
      return value.bytes.toString('utf8')
    }
  }
  return name === 'hex' ? () => value.bytes.toString('hex') : undefined
}
