/** What a Debian 12 server with all of X2Go's packages says of itself. */
export const defaultFeatures: readonly string[] = [
  'X2GO_RUN_EXTENSIONS',
  'X2GO_FMBINDINGS',
  'X2GO_PRINTING',
  'X2GOAGENT_RANDRXINERAMA',
  'X2GO_XSESSION',
  'X2GO_LIST_DESKTOPS',
  'X2GO_MOUNTDIRS',
  'X2GO_UMOUNTSESSION_ALL',
  'X2GO_UMOUNTSESSION_ONLYPATH',
  'X2GO_PUBLISHED_APPLICATIONS',
  'X2GO_SERVERSIDE_DESKTOPCOMMANDS',
  'X2GO_SET_KEYBOARD',
  'X2GO_LIST_SHADOWSESSIONS',
  'X2GO_MOUNT_UNCPATHS',
  'X2GO_CLIPBOARD_MODES',
];

export const defaultVersions: Readonly<Record<string, string>> = {
  x2goserver: '4.1.0.3',
  'x2goserver-common': '4.1.0.3',
  'x2goserver-extensions': '4.1.0.3',
  'x2goserver-fmbindings': '4.1.0.3',
  'x2goserver-printing': '4.1.0.3',
  'x2goserver-x2goagent': '3.5.99.26',
  'x2goserver-xsession': '4.1.0.3',
};
