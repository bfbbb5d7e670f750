import { decode } from '../codec.ts'
import { bind } from '../signature.ts'
import type { Bytes, Callable } from '../values.ts'

/** A method of Python's `bytes`. */
export function bytesMethod(value: Bytes, name: string): Callable | undefined {
  if (name === 'decode') {
    return (args, kwargs) => {
      const [encoding = 'utf-8'] = bind('decode', ['encoding', 'errors'], args, kwargs)
      return decode(value.bytes, String(encoding))
    }
  }
  return name === 'hex' ? () => value.bytes.toString('hex') : undefined
}
