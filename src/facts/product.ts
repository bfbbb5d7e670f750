import { printFiles, readFiles } from '../shell/sections.ts'
import type { Fact } from './fact.ts'

const names = [
  'product_name',
  'product_serial',
  'product_uuid',
  'product_version',
  'bios_date',
  'bios_vendor',
  'bios_version',
  'board_asset_tag',
  'board_name',
  'board_serial',
  'board_vendor',
  'board_version',
  'chassis_asset_tag',
  'chassis_serial',
  'chassis_vendor',
  'chassis_version',
] as const

/** What the firmware says of the machine; `NA` where it says nothing. */
export const product: Fact = {
  subset: 'hardware',
  topics: ['dmi', 'product_name'],
  look: printFiles('/sys/class/dmi/id/*', '/sys/firmware/devicetree/base/model'),
  read({ stdout }) {
    const files = readFiles(stdout)
    const get = (file: string) => files.get(`/sys/class/dmi/id/${file}`)?.trim() || 'NA'
    const found: Record<string, string> = { system_vendor: get('sys_vendor') }
    for (const name of names) found[name] = get(name)
    return found
  },
}
