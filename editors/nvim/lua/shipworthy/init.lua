--- Starts the server of Shipworthy for buffers, and runs its command. What is a finding is for the server to say.
---
--- The server is the one of `setup{ cmd = ... }`, else that of the activated Python environment, else that on PATH.
--- An environment that lies in a project is never run because it is there.

local M = {}

local NAME = "shipworthy"
local HAS_CONFIG = vim.fn.has("nvim-0.11") == 1

---@class shipworthy.Options
---@field cmd? string[] the command that starts the server
---@field filetypes? string[] attach to these only; without it, to all, since a secret may stand in any file
---@field root_markers? string[] what marks the top of a project
---@field settings? table how findings are shown, such as { codeLens = false, lanes = { onType = "fast" } }
---@field on_attach? fun(client: table, buffer: integer)
---@field capabilities? table
local options = {
  root_markers = { "shipworthy.toml", "pyproject.toml", ".git", "package.json" },
  settings = {},
}

--- A program of Shipworthy with its full path, or nil.
---@param name string
---@return string?
function M.program(name)
  local windows = vim.fn.has("win32") == 1
  local environment = vim.env.VIRTUAL_ENV
  if environment then
    local program = environment .. (windows and "/Scripts/" .. name .. ".exe" or "/bin/" .. name)
    if vim.fn.executable(program) == 1 then
      return program
    end
  end
  local found = vim.fn.exepath(name)
  return found ~= "" and found or nil
end

--- The command that starts the server; its first word is there even if the program is not.
---@return string[]
function M.command()
  return options.cmd or { M.program("shipworthy-server") or "shipworthy-server" }
end

--- What Neovim 0.11 and newer want to know of the server.
---@return table
function M.config()
  return {
    cmd = M.command(),
    filetypes = options.filetypes,
    root_markers = options.root_markers,
    settings = { shipworthy = options.settings },
    init_options = { shipworthy = options.settings },
    on_attach = options.on_attach,
    capabilities = options.capabilities,
  }
end

--- Check buffers from now on.
---@param given? shipworthy.Options
function M.setup(given)
  options = vim.tbl_deep_extend("force", options, given or {})
  vim.g.shipworthy_is_set_up = true
  if vim.fn.executable(M.command()[1]) == 0 then
    vim.notify("Shipworthy: no server was found; see :checkhealth shipworthy", vim.log.levels.WARN)
    return
  end
  if HAS_CONFIG then
    vim.lsp.config(NAME, M.config())
    vim.lsp.enable(NAME)
    return
  end
  vim.api.nvim_create_autocmd("FileType", {
    group = vim.api.nvim_create_augroup("shipworthy", {}),
    pattern = options.filetypes or "*",
    callback = function(event)
      M.attach(event.buf)
    end,
  })
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buffer) and vim.bo[buffer].filetype ~= "" then
      M.attach(buffer)
    end
  end
end

--- Start the server for a buffer, or use the one that runs for its project.
---@param buffer integer
function M.attach(buffer)
  local wanted = options.filetypes == nil or vim.tbl_contains(options.filetypes, vim.bo[buffer].filetype)
  if not wanted or vim.bo[buffer].buftype ~= "" then
    return
  end
  local file = vim.api.nvim_buf_get_name(buffer)
  local marker = vim.fs.find(options.root_markers, { path = vim.fs.dirname(file), upward = true })[1]
  local config = M.config()
  config.name = NAME
  config.root_dir = marker and vim.fs.dirname(marker) or nil
  vim.api.nvim_buf_call(buffer, function()
    vim.lsp.start(config)
  end)
end

--- The running servers.
---@return table[]
function M.clients()
  local get = vim.lsp.get_clients or vim.lsp.get_active_clients
  return get({ name = NAME })
end

--- Stop the servers and start them again, for the same buffers.
function M.restart()
  local buffers = {}
  for _, client in ipairs(M.clients()) do
    for buffer in pairs(client.attached_buffers or {}) do
      table.insert(buffers, buffer)
    end
    if vim.fn.has("nvim-0.11") == 1 then
      client:stop()
    else
      vim.lsp.stop_client(client.id)
    end
  end
  local function start_when_stopped()
    if #M.clients() > 0 then
      vim.defer_fn(start_when_stopped, 50)
      return
    end
    for _, buffer in ipairs(buffers) do
      if vim.api.nvim_buf_is_valid(buffer) then
        M.attach(buffer)
      end
    end
  end
  start_when_stopped()
end

--- The command counts characters, the quickfix list bytes.
local function byte_column(file, line, column)
  local text = vim.fn.readfile(file, "", line)[line] or ""
  return vim.fn.byteidx(text, column - 1) + 1
end

--- Check the whole project, or some paths, and fill the quickfix list.
---@param paths string[]
function M.check(paths)
  local lines = M.run(vim.list_extend({ "check", "--output-format", "jsonl" }, paths))
  local kinds = { error = "E", warning = "W", hint = "N" }
  local found = {}
  for _, line in ipairs(lines or {}) do
    local ok, finding = pcall(vim.json.decode, line)
    if ok and type(finding) == "table" and finding.message then
      local start = finding.start or { line = 1, column = 1 }
      table.insert(found, {
        filename = finding.path,
        lnum = start.line,
        col = byte_column(finding.path, start.line, start.column),
        text = finding.message .. (finding.rule and " [" .. finding.rule .. "]" or ""),
        type = kinds[finding.severity] or "E",
      })
    end
  end
  if lines then
    vim.fn.setqflist({}, " ", { title = "shipworthy check", items = found })
    vim.cmd(#found > 0 and "copen" or "cclose")
    vim.notify(("Shipworthy: %d %s"):format(#found, #found == 1 and "finding" or "findings"))
  end
end

--- Say which settings, rules and baseline decide for a file.
---@param file string
function M.explain(file)
  local lines = M.run({ "explain", file })
  if lines then
    vim.cmd("new")
    vim.api.nvim_buf_set_lines(0, 0, -1, false, lines)
    vim.bo.buftype, vim.bo.bufhidden, vim.bo.swapfile, vim.bo.modifiable = "nofile", "wipe", false, false
  end
end

--- Run the command `shipworthy` and take what it prints, or nil if it cannot be run.
---@param words string[]
---@return string[]?
function M.run(words)
  local beside = vim.fn.fnamemodify(M.command()[1], ":h") .. "/shipworthy"
  local program = vim.fn.executable(beside) == 1 and beside or M.program("shipworthy")
  if not program then
    vim.notify("Shipworthy: no command `shipworthy` was found", vim.log.levels.ERROR)
    return nil
  end
  return vim.fn.systemlist(vim.list_extend({ program }, words))
end

--- Apply all fixes of the buffer that keep behaviour.
function M.fix_all()
  vim.lsp.buf.code_action({ context = { only = { "source.fixAll.shipworthy" }, diagnostics = {} }, apply = true })
end

return M
