import { cloud } from '../lab.ts'

/** Raises the cloud before the tests, and takes it down again when it was down before. */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  const wasUp = await cloud('status').then(
    () => true,
    () => false,
  )
  await cloud('up')
  return wasUp ? undefined : () => cloud('down')
}
