-- For those who write `vim.lsp.enable("shipworthy")` themselves, without `setup`.
return require("shipworthy").config()
