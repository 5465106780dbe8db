-- Run by test_nvim.py: opens a file, waits for its findings, applies a fix, saves, and tries the commands.
-- Ends with an error, and so with an exit code, at the first thing that is not as it should be.

local function eventually(what, holds)
  local waited = vim.wait(tonumber(vim.env.PATIENCE) * 1000, function()
    return holds() and true or false
  end, 50)
  if not waited then
    error(what .. " did not come; diagnostics: " .. vim.inspect(vim.diagnostic.get(0)))
  end
end

local function finding(rule)
  for _, diagnostic in ipairs(vim.diagnostic.get(0)) do
    if diagnostic.code == rule then
      return diagnostic
    end
  end
end

local function text()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")
end

vim.opt.runtimepath:append(vim.env.PLUGIN)
vim.cmd("runtime plugin/shipworthy.lua")
vim.cmd("filetype on")
require("shipworthy").setup()
vim.cmd("edit orders.py")

eventually("the finding", function()
  return finding("swallowed-exception")
end)
local diagnostic = finding("swallowed-exception")
assert(diagnostic.source == "shipworthy", vim.inspect(diagnostic))

vim.api.nvim_win_set_cursor(0, { diagnostic.lnum + 1, diagnostic.col })
vim.lsp.buf.code_action({
  apply = true,
  filter = function(action)
    return action.title == "Log it with its traceback"
  end,
})
eventually("the fix", function()
  return text():find("logging.exception", 1, true)
end)
vim.cmd("silent write")
eventually("the end of the finding", function()
  return not finding("swallowed-exception") and finding("missing-timeout")
end)

local first = require("shipworthy").clients()[1]
vim.cmd("Shipworthy restart")
eventually("another server", function()
  local client = require("shipworthy").clients()[1]
  return client and client.id ~= first.id
end)
eventually("the findings of the other server", function()
  return finding("missing-timeout")
end)

vim.cmd("Shipworthy check")
local listed = vim.fn.getqflist()
local files = {}
for _, item in ipairs(listed) do
  files[vim.fn.fnamemodify(vim.fn.bufname(item.bufnr), ":t")] = item.text
end
assert(files["orders.py"] and files["client.py"]:find("hardcoded-token", 1, true), vim.inspect(listed))

vim.cmd("Shipworthy explain orders.py")
assert(text():find("language: python", 1, true), text())

vim.cmd("Shipworthy health")
local report = text()
assert(report:find("shipworthy%-server %d") and report:find("attached to one buffer", 1, true), report)
assert(not report:find("ERROR", 1, true), report)

vim.cmd("helptags " .. vim.env.PLUGIN .. "/doc")
local tags = table.concat(vim.fn.readfile(vim.env.PLUGIN .. "/doc/tags"), "\n")
assert(tags:find(":Shipworthy", 1, true), tags)
