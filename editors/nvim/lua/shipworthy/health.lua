--- `:checkhealth shipworthy`: whether the server is there, and what it is attached to.

local M = {}

local health = {
  start = vim.health.start or vim.health.report_start,
  ok = vim.health.ok or vim.health.report_ok,
  warn = vim.health.warn or vim.health.report_warn,
  error = vim.health.error or vim.health.report_error,
  info = vim.health.info or vim.health.report_info,
}

function M.check()
  local shipworthy = require("shipworthy")
  health.start("shipworthy")
  if vim.fn.has("nvim-0.8") == 0 then
    health.error("Neovim 0.8 or newer is needed")
    return
  end
  if not vim.g.shipworthy_is_set_up then
    health.warn("not set up", { 'call require("shipworthy").setup()' })
  end
  local command = shipworthy.command()
  if vim.fn.executable(command[1]) == 0 then
    health.error("there is no server: " .. command[1], {
      "install it, for example with `uv tool install shipworthy` or `pipx install shipworthy`",
      "or activate the environment that has it before Neovim is started",
      'or name it: require("shipworthy").setup({ cmd = { "/path/to/shipworthy-server" } })',
    })
    return
  end
  local words = vim.list_extend(vim.list_slice(command), { "--version" })
  local version = vim.trim(vim.fn.system(words))
  if vim.v.shell_error ~= 0 then
    health.error("the server does not start: " .. table.concat(command, " "), { version })
    return
  end
  health.ok(version .. " (" .. vim.fn.exepath(command[1]) .. ")")
  local clients = shipworthy.clients()
  if #clients == 0 then
    health.info("it is attached to no buffer")
  end
  for _, client in ipairs(clients) do
    local root = client.config.root_dir or "no project"
    local count = vim.tbl_count(client.attached_buffers or {})
    health.ok(("attached to %s, for %s"):format(count == 1 and "one buffer" or count .. " buffers", root))
  end
  health.info("log: " .. require("vim.lsp.log").get_filename())
end

return M
